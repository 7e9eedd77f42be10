"""Measures the claim `metric_attention`: paired differences between arms that learn."""

from __future__ import annotations

import numpy as np

from simulations.learn.graphs import read_graph
from simulations.learn.protocol import study
from simulations.statistics.intervals import mean_interval
from simulations.store.quantities import Measurement, Number
from theory.claims import metric_attention as claim

SWAPPED = "no difference: the arms swapped"


def measure(parameters: claim.Parameters, run) -> Measurement:
    """One number a task, a quantity and an arm; all scores as arrays."""
    scores = study(parameters, run)
    quantities = {
        claim.row(task, what, arm): paired(scores, task, what, arm)
        for arm in parameters.others
        for task in parameters.all_tasks
        for what in claim.quantities_of(task)
    }
    return Measurement(quantities, scores, (table(scores, parameters),))


def paired(scores, task: str, what: str, arm: str) -> Number:
    """The mean difference of runs that share split, start and batches, of an arm less self.

    Swapped it is the measurement of the opposite order: where the arms do not differ, both have
    differences that may be 0 or more.
    """
    ours, theirs = (per_run(scores[f"{task}/{a}/{what}"]) for a in (arm, claim.SELF))
    found = mean_interval(ours - theirs)
    return Number(found, {SWAPPED: found.scaled(-1.0)})


def per_run(values) -> np.ndarray:
    """One number a run: the mean over levels of a corruption, where there are any."""
    return values.reshape(len(values), -1).mean(axis=1)


def table(scores, parameters) -> str:
    """The mean scores of all arms, with the learning rates that validation chose."""
    whats = (claim.ACCURACY, claim.NOISY, claim.HIDDEN, claim.AUC)
    heads = ("accuracy", "noisy", "hidden", "ROC AUC")
    lines = [f"{'task':<14} {'arm':<12} {'rate':>6} {' '.join(f'{h:>8}' for h in heads)}  steps"]
    for task in parameters.all_tasks:
        for arm in parameters.arms:
            rate = scores[f"{task}/{arm}/learning rate"]
            means = " ".join(shown_mean(scores.get(f"{task}/{arm}/{what}")) for what in whats)
            steps = np.exp(-scores[f"{task}/{arm}/{claim.STEPS}"].mean())
            lines.append(f"{task:<14} {arm:<12} {float(rate):>6g} {means}  {steps:.0f}")
    return "\n".join([*lines, of_graph(parameters)])


def shown_mean(values) -> str:
    return f"{'-':>8}" if values is None else f"{per_run(values).mean():>8.4f}"


def of_graph(parameters) -> str:
    """Which file the graph is from, or that there is none."""
    if not parameters.graph:
        return f"{claim.GRAPH}: not run (node classification needs --graph FILE.npz)"
    return f"{claim.GRAPH}: SHA-256 {read_graph(parameters.graph).digest}"
