"""Processes that share work, and that end with the one that asked for it."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

import numba


@contextmanager
def processes(
    workers: int, threads: int = 1, *, method: str = "spawn", tasks_each: int | None = None
) -> Iterator[ProcessPoolExecutor]:
    """A pool whose processes run kernels on so many threads each.

    Where the block is left by an error or an interrupt, what waits is dropped and what runs is ended
    at once: results are written whole or not at all. tasks_each: after so many a fresh process.
    """
    context = multiprocessing.get_context(method)
    pool = ProcessPoolExecutor(workers, context, _begin, (threads,), max_tasks_per_child=tasks_each)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in multiprocessing.active_children():
            child.terminate()
        raise
    pool.shutdown()


def _begin(threads):
    # an interrupt goes to the whole group of processes: the parent answers it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
