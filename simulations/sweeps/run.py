"""All points of a sweep, over an executor of concurrent.futures: what is measured is kept at once,
what fails stops nothing, and what a lost worker had begun runs again."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, as_completed, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from functools import partial
from pathlib import Path

from simulations.processes import processes
from simulations.sweeps.plan import Plan, Point
from simulations.sweeps.point import Outcome, keep, measure, stored
from theory.setting.checks import InputError, count

MOST_WORKERS = 256
LOST = "its worker was lost, and lost again when the point ran alone: out of memory?"


def run(
    plan: Plan,
    root: Path,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    report=lambda point, outcome, done, total: None,
) -> dict[int, str]:
    """Measure what is not measured yet; the messages of the points that failed, by their place.

    workers: processes, by default one a core. scheduler: the address of a Dask cluster, which does
    the work instead. report(point, outcome, done, total) is told of every point that ends; outcome
    is "there", "measured", or what went wrong.
    """
    cores = os.cpu_count() or 1
    workers = count("workers", cores if workers is None else workers, 1, MOST_WORKERS)
    failed, waiting, done = {}, {}, 0
    for place, point in enumerate(plan.points):
        if point.refused:
            failed[place] = point.refused
        elif stored(point, root) is None:
            waiting[place] = point
            continue
        done += 1
        report(point, failed.get(place, "there"), done, len(plan.points))
    if not waiting:
        return failed
    if scheduler is None:
        ended = _locally(waiting, root, workers, max(1, cores // workers))
    else:
        ended = _on_cluster(waiting, scheduler)
    with closing(ended):
        for place, outcome in ended:
            point, wrong = plan.points[place], outcome.failed
            if outcome.files:
                wrong = keep(point, outcome.files, root)
            if wrong:
                failed[place] = wrong
            done += 1
            report(point, wrong or "measured", done, len(plan.points))
    return dict(sorted(failed.items()))


def _locally(
    points: dict[int, Point], root: Path, workers: int, threads: int
) -> Iterator[tuple[int, Outcome]]:
    """On processes of this machine; those at work when one is lost run again, each alone."""
    waiting, suspects = deque(points), deque()
    task = partial(measure, root=root, threads=threads)
    while waiting or suspects:
        alone = not waiting
        batch = deque([suspects.popleft()]) if alone else waiting
        with processes(1 if alone else workers, threads) as pool:
            for place, outcome in _until_lost(pool, task, points, batch, workers):
                if outcome is not None:
                    yield place, outcome
                elif alone:
                    yield place, Outcome(LOST)
                else:
                    suspects.append(place)


def _until_lost(pool, task, points, waiting, workers):
    """Outcomes of a pool, no more at work than it has workers; None for what it lost. Ends with the
    pool, or when nothing is waiting."""
    running, lost = {}, False
    while running or (waiting and not lost):
        while waiting and not lost and len(running) < workers:
            try:
                running[pool.submit(task, points[waiting[0]])] = waiting[0]
                waiting.popleft()
            except BrokenProcessPool:
                lost = True
        if not running:
            return
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            place = running.pop(future)
            try:
                yield place, future.result()
            except BrokenProcessPool:
                lost = True
                yield place, None


def _on_cluster(points: dict[int, Point], address: str) -> Iterator[tuple[int, Outcome]]:
    """On the workers of a Dask cluster, whose scheduler runs again what a lost worker had."""
    from simulations.machines.cluster import connected, executor_of, lost_worker

    with connected(address) as client, executor_of(client) as executor:
        futures = {
            executor.submit(measure, point, None, 1): place for place, point in points.items()
        }
        for future in as_completed(futures):
            try:
                yield futures[future], future.result()
            except CancelledError:
                raise InputError(
                    f"scheduler: {address} is gone; finished points are kept, the same command "
                    "takes them up"
                ) from None
            except Exception as error:
                yield futures[future], Outcome(lost_worker(error))
