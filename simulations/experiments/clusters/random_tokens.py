"""Tokens drawn at random on a flat circle gather, and their clusters merge pair by pair."""

from __future__ import annotations

import numpy as np

from simulations.dynamics.clusters import TOLERANCE, History, cluster_history, steps_to_merge
from simulations.statistics.intervals import Interval, bounded, mean_interval
from simulations.store.quantities import Measurement, Number
from theory.claims import clusters as claim
from theory.setting.pseudo_metrics import GAUSSIAN

N_KEPT = 160  # steps after which the tokens of the first run are kept
N_LINES = 150  # of its tokens that are kept


def random_data(parameters: claim.Parameters, run) -> Measurement:
    """The plateaus of each run beside the life of their closest pair alone; steps and numbers of
    clusters; the tokens of the first run."""

    def study():
        bar = run.progress(range(parameters.n_runs), label="clusters: random data")
        return joined([one_run(parameters, s) for s in bar])

    found = run.remember("random", study)
    rows = found["plateaus"]
    chosen = rows[isolated(rows)]
    return Measurement({claim.RANDOM: Number(plateau_ratio(chosen))}, found)


def joined(runs: list[dict]) -> dict:
    """One row a step in `stairs`, (run, step, clusters from then on), and a plateau in `plateaus`."""
    return {
        "stairs": np.vstack([r["stairs"] for r in runs]),
        "plateaus": np.vstack([r["plateaus"] for r in runs]),
        "tokens": runs[0]["tokens"],
        "token_steps": runs[0]["token_steps"],
    }


def one_run(parameters: claim.Parameters, s: int) -> dict:
    """One run of random data: its stairs, its plateaus, and its tokens if it is the first."""
    eps = parameters.temperature
    keep = np.unique(np.geomspace(1, parameters.n_steps + 1, N_KEPT).astype(int) - 1)
    rng = np.random.default_rng([parameters.seed, 1, s])
    x = rng.random(parameters.n_random) * claim.PERIOD
    kept = keep if s == 0 else ()
    history = cluster_history(x, GAUSSIAN, eps, claim.PERIOD, parameters.n_steps, kept)
    stairs = [(s, k, len(p)) for k, p in zip(history.steps, history.positions, strict=True)]
    order = np.argsort(x)
    shown = order[:: max(1, len(order) // N_LINES)]
    return {
        "stairs": np.array(stairs, dtype=np.float64),
        "plateaus": plateaus(history, s, eps),
        "tokens": history.kept[:, shown] if s == 0 else None,
        "token_steps": keep,
    }


def plateaus(history: History, s: int, temperature: float) -> np.ndarray:
    """Every plateau of a run that has ended, one row: (run, first step, length, life of its closest
    pair alone, x = delta^2/(4 eps) of that pair, how much larger x of the next pair is, the share
    that all other clusters have in its first motion).

    The life alone is NaN where x is below CLOSEST: no rest, so it is not compared.
    """
    rows = []
    for k, length in enumerate(np.diff(history.steps)):
        if len(history.positions[k]) < 3:
            continue
        distance, masses, square, margin = closest_pair(
            history.positions[k], history.masses[k], temperature
        )
        alone = np.nan
        if square >= claim.CLOSEST:
            pair = np.array([[0.0], [distance]])
            alone = steps_to_merge(pair, GAUSSIAN, temperature, TOLERANCE, weights=masses)
        share = share_of_others(history.positions[k], history.masses[k], temperature)
        rows.append((s, history.steps[k], length, alone, square, margin, share))
    return np.array(rows, dtype=np.float64).reshape(-1, 7)


def closest_pair(positions, masses, temperature: float):
    """(distance, masses (2,), x = delta^2/(4 eps), x of the next pair less it) of the neighbours
    round the circle that are closest."""
    order = np.argsort(positions)
    places, masses = positions[order], masses[order]
    distances = np.diff(places, append=places[0] + claim.PERIOD)
    first, second = np.argsort(distances)[:2]
    squares = distances**2 / (4 * temperature)
    pair = masses[[first, (first + 1) % len(masses)]]
    return distances[first], pair, squares[first], squares[second] - squares[first]


def share_of_others(positions, masses, temperature: float) -> float:
    """How far all other clusters pull the two of the closest pair, in their first step and to first
    order in the weights, over how far the two pull each other ("Clusters")."""
    order = np.argsort(positions)
    places, masses = positions[order], masses[order]
    first = int(np.argmin(np.diff(places, append=places[0] + claim.PERIOD)))
    pair = [first, (first + 1) % len(places)]
    half = claim.PERIOD / 2
    distances = np.abs((places - places[pair][:, None] + half) % claim.PERIOD - half)
    pulls = masses * np.exp(-(distances**2) / (4 * temperature)) * distances
    pulls /= masses[pair][:, None]
    each_other = pulls[:, pair].sum()
    return float((pulls.sum() - each_other) / each_other)


def isolated(rows) -> np.ndarray:
    """Which plateaus have a single close pair at rest: by positions alone, not by their length."""
    return (rows[:, 4] >= claim.CLOSEST) & (rows[:, 5] >= claim.MARGIN)


def plateau_ratio(rows) -> Interval:
    """Geometric mean of length over life alone; not finite where fewer than three plateaus end, or
    where others pull a pair as much as it pulls itself.

    A share s of others in the motion makes a life longer by a factor of at most 1/(1 - s).
    """
    if len(rows) < 3 or rows[:, 6].max() >= 1:
        return Interval(np.nan, np.nan, np.nan, f"{len(rows)} plateaus of a single close pair")
    logarithms = mean_interval(np.log(rows[:, 2] / rows[:, 3]))
    longer = float(-np.log1p(-rows[:, 6]).mean())
    interval = bounded(logarithms, longer, "share of the other clusters in the motion of the pair")
    value, low, high = np.exp([interval.value, interval.low, interval.high]).tolist()
    error = interval.standard_error * value
    return Interval(value, low, high, interval.basis, error, interval.freedom)
