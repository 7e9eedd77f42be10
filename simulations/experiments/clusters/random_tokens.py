"""The claim `clusters`: tokens drawn at random on a flat circle gather, and their clusters merge pair by pair."""

from __future__ import annotations

import numpy as np

from simulations.dynamics.clusters import TOLERANCE, cluster_history
from simulations.experiments.settings import GAUSSIAN
from simulations.verdict import Interval, check, mean_interval, widened
from theory.setting.checks import InputError
from theory.clusters import closest_pair, pair_steps

SHORTEST = 20  # steps of a plateau whose length is compared
ISOLATED = 10.0  # how many times longer the next pair lives
N_SHOWN, N_KEPT = 6, 160


def random_study(parameters, period, run) -> dict:
    """Steps and numbers of clusters of each run, the tokens of the first, and one row a plateau of every run.

    `plateaus` (n, 4): measured length, length predicted for the closest pair alone, for equal masses, and its isolation.
    `stairs` (n, 3): run, step, number of clusters from then on.
    """
    eps, stairs, plateaus, starts = parameters.temperature, [], [], []
    keep = np.unique(np.geomspace(1, parameters.n_steps + 1, N_KEPT).astype(int) - 1)
    for s in run.progress(range(parameters.n_runs), label="clusters: random data"):
        x = np.random.default_rng([parameters.seed, 1, s]).random(parameters.n_random) * period
        history = cluster_history(x, GAUSSIAN, eps, period, parameters.n_steps, keep if s == 0 else ())
        stairs += [(s, k, len(p)) for k, p in zip(history.steps, history.positions, strict=True)]
        if s == 0:
            tokens = history.kept
        rows = finished_plateaus(history, period, eps)
        plateaus += rows
        starts += [(s, start, row[1]) for start, row in zip(history.steps[:-1], rows, strict=True)]
    return {
        "stairs": np.array(stairs), "plateaus": np.array(plateaus), "starts": np.array(starts),
        "tokens": tokens, "steps": keep, "period": period, "n_steps": parameters.n_steps,
    }  # fmt: skip


def finished_plateaus(history, period, eps) -> list:
    """For each plateau of a run that has ended: its length, that predicted for its closest pair, with equal masses, isolation.

    A plateau whose closest pair lives less than SHORTEST steps is no rest: it has the isolation 0.
    """
    rows = []
    for k, length in enumerate(np.diff(history.steps)):
        if len(history.positions[k]) < 3:
            rows.append((length, 0.0, 0.0, 0.0))
            continue
        distance, ratio, isolation = closest_pair(history.positions[k], history.masses[k], period, eps)
        predicted, equal = (pair_steps(distance, eps, r, tolerance=TOLERANCE) for r in (ratio, 1.0))
        rows.append((length, predicted, equal, isolation if predicted >= SHORTEST else 0.0))
    return rows


def isolated(plateaus) -> np.ndarray:
    """The plateaus, of those in `random_study`, at whose end one pair merges that is far closer than the next."""
    return plateaus[plateaus[:, 3] >= ISOLATED]


def random_checks(study) -> list:
    """The length of plateaus over that of their closest pair alone."""
    chosen = isolated(study["plateaus"])
    if len(chosen) < 3:
        raise InputError(f"n_runs: got runs with {len(chosen)} plateaus of a single close pair, expected at least 3: more runs, or more steps")
    logarithms = mean_interval(np.log(chosen[:, 0] / chosen[:, 1]))
    # what the pair is pulled apart by its other neighbours, relative to its own pull, is about the ratio of the lifetimes
    interval = widened(logarithms, float((1 / chosen[:, 3]).mean()))
    measured = Interval(*(float(np.exp(v)) for v in (interval.value, interval.low, interval.high)))
    return [
        check("random data: length of a plateau over that of its closest pair alone (geometric mean)", 1.0, measured,
              {"10 % off": 1.1, "10 % short": 0.9}),
    ]  # fmt: skip
