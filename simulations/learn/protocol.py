"""The protocol: each arm's learning rate from one grid by validation, then paired runs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import torch

from simulations.learn import graph_training, training
from simulations.learn.graph_training import GraphTrial
from simulations.learn.graphs import read_graph
from simulations.learn.training import Trial
from simulations.processes import processes
from theory.claims.metric_attention import GRAPH, LEARNING_RATES, Parameters

WORKERS = 2
TUNING = 10**6  # numbers of the runs that choose: none of them is scored


def study(parameters: Parameters, run) -> dict[str, np.ndarray]:
    """Of every task and arm the learning rate, and the scores of all runs (n_seeds, ...), by
    "task/arm/what". Each finished run is kept: a killed study goes on where it stopped."""
    places = [(task, arm) for task in parameters.all_tasks for arm in parameters.arms]
    if parameters.graph:
        read_graph(parameters.graph)  # refused before anything is run
    with processes(WORKERS) as pool:
        submit = partial(_kept, run, pool)
        rates = choose(parameters, run, submit, places)
        asked = [
            (f"{task}, {arm}, run {s}", _score, _trial(parameters, task, arm, s), rates[task, arm])
            for task, arm in places
            for s in range(parameters.n_seeds)
        ]
        done = submit(asked, "metric_attention: paired runs")
    found = {}
    for k, (task, arm) in enumerate(places):
        runs = done[k * parameters.n_seeds : (k + 1) * parameters.n_seeds]
        found[f"{task}/{arm}/learning rate"] = np.array(rates[task, arm])
        for what in runs[0]:
            found[f"{task}/{arm}/{what}"] = np.array([r[what] for r in runs])
    return found


def choose(parameters, run, submit, places) -> dict[tuple[str, str], float]:
    """The learning rate of the least mean loss of validation, for each task and arm."""
    asked = [
        (f"{task}, {arm}, rate {rate:g}, {s}", _validate,
         _trial(parameters, task, arm, TUNING + s), rate)
        for task, arm in places
        for rate in LEARNING_RATES
        for s in range(parameters.n_tuning)
    ]  # fmt: skip
    losses = [float(r["loss"]) for r in submit(asked, "metric_attention: learning rates")]
    table = np.reshape(losses, (len(places), len(LEARNING_RATES), -1)).mean(-1)
    return {place: LEARNING_RATES[k] for place, k in zip(places, table.argmin(-1), strict=True)}


def _trial(parameters, task, arm, number):
    if task == GRAPH:
        return GraphTrial(parameters.graph, arm, parameters.seed, number, parameters.n_steps)
    return Trial(task, arm, parameters.seed, number, parameters.n_steps)


def _kept(run, pool, asked, label) -> list[dict[str, np.ndarray]]:
    """What function(trial, rate) returns for each (key, function, trial, rate), in their order,
    remembered as soon as it is done; a thread waits for each process of the pool."""

    def one(job):
        key, *work = job
        return run.remember(key, lambda: pool.submit(_alone, *work).result())

    threads = ThreadPoolExecutor(WORKERS)
    try:
        return list(run.progress(threads.map(one, asked), total=len(asked), label=label))
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


def _score(trial, rate):
    of_graph = isinstance(trial, GraphTrial)
    return (graph_training.scored if of_graph else training.scored)(trial, rate)


def _validate(trial, rate):
    of_graph = isinstance(trial, GraphTrial)
    return (graph_training.validated if of_graph else training.validated)(trial, rate)


def _alone(function, trial, rate):
    """The work of a process: on one thread, since two of them share the cores."""
    torch.set_num_threads(1)
    return function(trial, rate)
