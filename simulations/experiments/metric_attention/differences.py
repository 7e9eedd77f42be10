"""Paired differences of arms: their intervals, corrected for the family, and effect sizes."""

from __future__ import annotations

import math

import numpy as np

from simulations.statistics.intervals import Interval, largest, mean_interval
from simulations.store.quantities import Number
from theory.claims import metric_attention as claim

SWAPPED = "no difference: the arms swapped"


def differences(scores, parameters, task: str, what: str, arm: str) -> np.ndarray:
    """An arm less self-attention, (runs,), of runs that share split, start and batches.

    Of all real tasks together: the mean over tasks of the mean over the part's quantities.
    """
    if what == claim.KEPT:
        robust, clean = (
            differences(scores, parameters, task, part, arm) for part in ("robustness", "accuracy")
        )
        return robust - clean
    if task == claim.REAL:
        of_tasks = [
            np.mean([apart(scores, t, q, arm) for q in claim.pooled(t, what)], axis=0)
            for t in parameters.pooled_tasks
        ]
        return np.mean(of_tasks, axis=0)
    return apart(scores, task, what, arm)


def apart(scores, task, what, arm, other=claim.SELF) -> np.ndarray:
    """An arm less another one on a task, (runs,)."""
    ours, theirs = (per_run(scores[f"{task}/{a}/{what}"]) for a in (arm, other))
    # a rival may have fewer runs, the first ones
    runs = min(len(ours), len(theirs))
    return ours[:runs] - theirs[:runs]


def per_run(values) -> np.ndarray:
    """One number a run: the mean over levels of a corruption, where there are any."""
    return values.reshape(len(values), -1).mean(axis=1)


def corrected(found: np.ndarray, count: int) -> Interval:
    """Student's interval of the mean difference as one of a family of so many: at 99.9 % each FAMILY
    of them hold together at 95 %, and of a larger family each is as much wider (Bonferroni)."""
    interval = mean_interval(found)
    groups = math.ceil(count / claim.FAMILY)
    return interval if groups == 1 else interval.one_of(groups)


def paired(found: np.ndarray, count: int, *, control: bool = False) -> Number:
    """The mean difference; swapped it is the measurement of the opposite order: where the arms do
    not differ, both have differences that may be 0 or more. A control is to differ by nothing."""
    interval = corrected(found, count)
    return Number(interval, {} if control else {SWAPPED: interval.scaled(-1.0)})


def sabotage(losses: list[Interval]) -> Number:
    """The largest loss over tasks: above 0 where the sabotage is rejected on one at least."""
    found = largest(losses)
    return Number(found, {SWAPPED: found.scaled(-1.0)})


def effect(found: np.ndarray) -> float:
    """Cohen's d of paired samples (n,): the mean difference over its standard deviation, 0 where
    nothing differs (Cohen 1988, section 2.3.5, d_z)."""
    mean, deviation = float(np.mean(found)), float(np.std(found, ddof=1))
    if deviation == 0:
        return 0.0 if mean == 0 else math.copysign(math.inf, mean)
    return mean / deviation
