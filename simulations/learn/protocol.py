"""The protocol of docs/metric_attention_protocol.md: each arm's learning rate, then its weight decay
from one grid by validation, then paired runs."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch

from simulations.learn import graph_training, training
from simulations.learn.graph_training import GraphTrial
from simulations.learn.graphs import read_graph
from simulations.learn.progress import Progress
from simulations.learn.training import Trial
from simulations.learn.user_data import read_data
from simulations.learn.workers import end_with_parent
from simulations.processes import processes
from theory.claims.metric_attention import (
    LEARNING_RATES,
    SELF,
    TWIN,
    WEIGHT_DECAY,
    WEIGHT_DECAYS,
    Parameters,
    design,
    is_graph,
)

WORKERS = 2
TUNING = 10**6  # numbers of the runs that choose: none of them is scored
OF_NODE, OF_EDGE = 4e-6, 3e-7  # seconds of a step on a graph, about


@dataclass(frozen=True)
class Setting:
    """What is chosen for an arm on a task by validation."""

    rate: float
    decay: float


@dataclass(frozen=True)
class Job:
    """A run that is asked for: its key among the pieces on disk, and whether it is scored."""

    trial: Trial | GraphTrial
    setting: Setting
    score: bool

    @property
    def key(self) -> str:
        kind = "score" if self.score else "choose"
        t, s = self.trial, self.setting
        task = t.path if isinstance(t, GraphTrial) else t.task
        return f"{kind}, {task}, {t.arm}, run {t.number}, rate {s.rate:g}, decay {s.decay:g}"

    @property
    def cost(self) -> float:
        """Seconds that it takes, about: only the time left is told by it."""
        if not isinstance(self.trial, GraphTrial):
            return design(self.trial.task).seconds * self.trial.steps / 200
        graph = read_graph(self.trial.path)
        step = OF_NODE * len(graph.labels) + OF_EDGE * graph.edges.shape[1]
        return step * self.trial.steps

    def compute(self) -> dict[str, np.ndarray]:
        """The work of a process: on one thread, since two of them share the cores."""
        torch.set_num_threads(1)
        end_with_parent()
        module = graph_training if isinstance(self.trial, GraphTrial) else training
        work = module.scored if self.score else module.validated
        return work(self.trial, self.setting.rate, self.setting.decay)


def study(parameters: Parameters, run) -> dict[str, np.ndarray]:
    """Of every task and arm the setting, and the scores of all runs (runs, ...), by
    "task/arm/what". Each finished run is kept: a killed study goes on where it stopped."""
    check_files(parameters)
    found = {}
    with submitter(parameters, run) as submit:
        for task in parameters.all_tasks:
            settings = choose(parameters, submit, task)
            jobs = {
                arm: [
                    Job(trial(parameters, task, arm, s), settings[arm], score=True)
                    for s in range(parameters.runs_of(arm))
                ]
                for arm in parameters.arms_on(task)
            }
            done = iter(submit([job for runs in jobs.values() for job in runs]))
            for arm, asked in jobs.items():
                runs = [next(done) for _ in asked]
                found[f"{task}/{arm}/learning rate"] = np.array(settings[arm].rate)
                found[f"{task}/{arm}/weight decay"] = np.array(settings[arm].decay)
                for what in runs[0]:
                    found[f"{task}/{arm}/{what}"] = np.array([r[what] for r in runs])
    return found


def check_files(parameters: Parameters) -> None:
    """Files that cannot be used are refused before anything is run."""
    for path in parameters.graphs:
        read_graph(path)
    if parameters.data:
        read_data(parameters.data)


def tuned(parameters: Parameters, task: str) -> tuple[str, ...]:
    """The arms whose setting is chosen: all but the twin, which has that of self-attention."""
    return tuple(arm for arm in parameters.arms_on(task) if arm != TWIN)


def choose(parameters: Parameters, submit, task: str) -> dict[str, Setting]:
    """The setting of the least mean loss of validation of each arm: the learning rate at the first
    weight decay, then the weight decay at that rate. All arms have the same budget."""
    arms = tuned(parameters, task)
    rates = [Setting(rate, WEIGHT_DECAY) for rate in LEARNING_RATES]
    best = _best(parameters, submit, task, {arm: rates for arm in arms})
    decays = {arm: [Setting(best[arm].rate, d) for d in WEIGHT_DECAYS] for arm in arms}
    best = _best(parameters, submit, task, decays)
    return best | ({TWIN: best[SELF]} if TWIN in parameters.arms_on(task) else {})


def _best(parameters, submit, task, grids):
    runs = range(TUNING, TUNING + parameters.n_tuning)
    asked = {
        arm: [
            [Job(trial(parameters, task, arm, n), setting, score=False) for n in runs]
            for setting in grid
        ]
        for arm, grid in grids.items()
    }
    flat = [job for grid in asked.values() for jobs in grid for job in jobs]
    losses = {j.key: float(r["loss"]) for j, r in zip(flat, submit(flat), strict=True)}
    return {
        arm: grids[arm][int(np.argmin([np.mean([losses[j.key] for j in jobs]) for jobs in grid]))]
        for arm, grid in asked.items()
    }


def trial(parameters: Parameters, task: str, arm: str, number: int) -> Trial | GraphTrial:
    p = parameters
    if is_graph(task):
        path = p.graph_paths[task]
        return GraphTrial(path, arm, p.seed, number, p.n_steps, p.embedding)
    return Trial(task, arm, p.seed, number, p.n_steps, p.data, p.embedding)


def expected(parameters: Parameters) -> tuple[int, float]:
    """How many runs a study has, and the seconds of one core that they take, about."""
    settings = len(LEARNING_RATES) + len(WEIGHT_DECAYS) - 1
    count, cost = 0, 0.0
    for task in parameters.all_tasks:
        chosen = parameters.n_tuning * settings * len(tuned(parameters, task))
        runs = chosen + sum(map(parameters.runs_of, parameters.arms_on(task)))
        one = Job(trial(parameters, task, SELF, 0), Setting(0.0, 0.0), score=True).cost
        count, cost = count + runs, cost + runs * one
    return count, cost


@contextmanager
def submitter(parameters: Parameters, run) -> Iterator:
    """A function of jobs to what they return, in their order; each is remembered as soon as it is
    done, and a job that was asked for before is not counted again."""
    progress = Progress(run, *expected(parameters), "metric_attention")
    seen: dict[str, dict[str, np.ndarray]] = {}
    threads = ThreadPoolExecutor(WORKERS)
    with processes(WORKERS) as pool:

        def one(job):
            worked = []

            def compute():
                worked.append(True)
                return pool.submit(Job.compute, job).result()

            return run.remember(job.key, compute), not worked

        def submit(jobs) -> list[dict[str, np.ndarray]]:
            waiting: dict[Future, Job] = {
                threads.submit(one, job): job for job in jobs if job.key not in seen
            }
            while waiting:
                for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                    job = waiting.pop(future)
                    seen[job.key], from_disk = future.result()
                    progress.add(job.cost, from_disk)
            return [seen[job.key] for job in jobs]

        try:
            yield submit
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
            progress.close()
