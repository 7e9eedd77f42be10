"""Measures the claim `learned_scores`: shares of scores in training, chains, repeated kernels."""

from __future__ import annotations

import numpy as np

from simulations.experiments.learned_scores import numbers
from simulations.experiments.learned_scores.runs import PAIRED, RANDOM, TRAINED, measured_run
from simulations.store.quantities import Measurement
from theory.claims import learned_scores as claim
from theory.claims.metric_attention import METRIC, SELF


def measure(parameters: claim.Parameters, run) -> Measurement:
    """The headline first: the rate of collapse. A piece a run is kept while the study lasts."""
    found = all_runs(parameters, run)
    quantities = {
        claim.depth_row(task, arm): numbers.collapse(found, task, arm)
        for task in parameters.chains
        for arm in claim.ARMS
    }
    quantities |= {
        name: numbers.identity(found, parameters.chains, name)
        for name in (claim.IMAGINARY, claim.NEGATIVE, claim.ENTROPY)
    }
    for task in parameters.tasks:
        quantities |= {
            claim.row(task, *said): numbers.difference(found, task, *said)
            for said in claim.said_of(task)
        }
    for task in parameters.chains:
        quantities |= {
            claim.compared_row(task, what): numbers.compared(found, task, what)
            for what in claim.COMPARED
        }
        quantities[claim.clock_row(task)] = numbers.least_clock(found, task)
    arrays = found | {"steps": np.array(parameters.snapshots)}
    return Measurement(quantities, arrays, (table(found, parameters),))


def all_runs(parameters: claim.Parameters, run) -> dict[str, np.ndarray]:
    """What `measured_run` finds, stacked over the runs (runs, ...), by "task/arm/what"."""
    places = [(task, arm) for task in parameters.tasks for arm in claim.ARMS]
    asked = [(task, arm, number) for number in range(parameters.n_seeds) for task, arm in places]
    pieces = {}
    for key in run.progress(asked, label="learned_scores: runs"):
        task, arm, number = key
        pieces[key] = run.remember(
            f"{task}, {arm}, run {number}", lambda key=key: measured_run(parameters, *key)
        )
    return {
        f"{task}/{arm}/{what}": np.stack(
            [pieces[task, arm, number][what] for number in range(parameters.n_seeds)]
        )
        for task, arm in places
        for what in pieces[task, arm, 0]
    }


def table(found, parameters) -> str:
    """Means over runs: losses, shares and chains, at the start and at the end, and their nulls."""
    lines = [
        f"{'task':<10} {'arm':<7} {'network':<22} {'loss':>7} {'metric':>7} {'+ key':>7} {'symm.':>7}"
        f" {'entropy':>8} {'imag.':>7}"
    ]
    whats = (claim.SHARE, claim.WITH_KEY, claim.SYMMETRIC, claim.PRODUCED, claim.TURNING)
    for task in parameters.tasks:
        for arm in claim.ARMS:
            loss = found[f"{task}/{arm}/loss"].mean(axis=0)
            for name, null, step in (
                ("initial", "", 0), (TRAINED, "", -1), (RANDOM, RANDOM, -1), (PAIRED, PAIRED, -1)
            ):  # fmt: skip
                known = [w for w in whats if numbers.is_measured(found, task, arm, w, null)]
                cells = [
                    f"{numbers.series(found, task, arm, w, null)[:, step].mean():>7.4f}"
                    if w in known
                    else f"{'-':>7}"
                    for w in whats
                ]
                shown = f"{'-':>7}" if null else f"{loss[step]:>7.4f}"
                lines.append(f"{task:<10} {arm:<7} {name:<22} {shown} {' '.join(cells)}")
        if task in parameters.chains:
            lines += [f"{task:<10} {text}" for text in beside(found, task)]
    return "\n".join(lines)


def beside(found, task: str) -> list[str]:
    """Of trained networks: clocks, first order, slopes at few layers, what rounding hides."""
    at_16 = claim.DEPTHS.index(16) - 1
    whats = {
        "clock over squared length": lambda arm: numbers.of_arm(found, task, arm, claim.CLOCK),
        "response's share, median head": lambda arm: numbers.of_arm(
            found, task, arm, claim.FIRST_ORDER
        ),
        "second eigenvalue, geometric mean": lambda arm: np.exp(
            numbers.of_arm(found, task, arm, claim.SECOND)
        ),
        "slope at 8 to 16 layers": lambda arm: numbers.slopes(
            *numbers.gaps(found, task, arm, at_16)[:2]
        ),
        "whole layer, log-rate a layer, 8 to 16": lambda arm: layer_rate(found, task, arm),
        "share of chains without a known law": lambda arm: found[f"{task}/{arm}/undetermined"],
    }
    return [
        f"{name:<40} " + ", ".join(f"{arm} {np.mean(of(arm)):.4f}" for arm in (SELF, METRIC))
        for name, of in whats.items()
    ]


def layer_rate(found, task: str, arm: str) -> np.ndarray:
    """Of the relative spread when a trained layer, its values and norm too, is repeated."""
    logs = np.log(found[f"{task}/{arm}/layer"][:, 1]) / 2
    return (logs[..., -1] - logs[..., -2]) / (claim.LAYERS[-1] - claim.LAYERS[-2])
