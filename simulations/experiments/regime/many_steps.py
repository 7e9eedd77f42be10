"""The error of A^k H, k eps = T, over tokens and steps: samples of i.i.d. tokens that attend to each
other, the same tokens at every step."""

from __future__ import annotations

import warnings

import numpy as np

from simulations.attention import AttentionOperator, LonelyTokensWarning
from simulations.observables.harmonics import second_harmonics
from simulations.statistics.intervals import jackknife_intervals
from simulations.store.quantities import Measurement, Number
from simulations.tokens import Tokens
from simulations.tokens.samples import samples
from theory.claims import regime as claim
from theory.setting.pseudo_metrics import GAUSSIAN


def squared_error(tokens, steps: int, rate: float) -> float:
    """Mean square of A^k H - e^(rate T) H over that of e^(rate T) H, H the second harmonics."""
    start = second_harmonics(tokens.points)
    expected, features = np.exp(rate * claim.TIME) * start, start
    with warnings.catch_warnings():
        # tokens that see only themselves are part of the map
        warnings.simplefilter("ignore", LonelyTokensWarning)
        operator = AttentionOperator(tokens, GAUSSIAN, claim.TIME / steps)
        for _ in range(steps):
            features = operator @ features
    return float(((features - expected) ** 2).sum() / (expected**2).sum())


def halved(tokens, steps: int, rate: float) -> float:
    """(4 e(N) - e(N/2))/3 of the squared error e, with the mean over both halves of the tokens.

    e = e_0 + e_1/N + e_2/N^2 + ... becomes e_0 + e_1/(3N/2), with nothing of order 1/N^2.
    """
    half = len(tokens) // 2
    parts = [
        Tokens(tokens.manifold, tokens.coordinates[part], tokens.points[part])
        for part in (slice(half), slice(half, 2 * half))
    ]
    of_halves = np.mean([squared_error(part, steps, rate) for part in parts])
    return (4 * squared_error(tokens, steps, rate) - of_halves) / 3


def map_of_steps(parameters: claim.Parameters, run, d: int, rate: float) -> np.ndarray:
    """Root mean squared errors over sizes and numbers of steps, for the figure."""
    p, count = parameters.density(d), max(2, round(claim.STEP_MAP_SAMPLES * parameters.n_seeds))

    def of_size(place, n):
        rng = np.random.default_rng([parameters.seed, d, 4, place])
        repeats = count * max(1, min(20, claim.STEP_TOKENS // n))
        label = f"regime: map of steps, {p.manifold.name}, N = {n}"
        drawn = run.progress(samples(p, n, repeats, rng), total=repeats, label=label)
        return np.mean([[squared_error(t, k, rate) for k in claim.STEPS] for t in drawn], axis=0)

    def study():
        return {"errors": np.array([of_size(*one) for one in enumerate(claim.STEP_SIZES)])}

    return np.sqrt(run.remember(f"steps-map-{d}", study)["errors"])


def step_cells(parameters: claim.Parameters, run, d: int, rate: float, errors) -> Measurement:
    """The relative error of A^k H at the judged cells; errors: of the map, kept for the figure."""
    p, count = parameters.density(d), round(claim.STEP_SAMPLES[d] * parameters.n_seeds)

    def of_cell(place, steps, n):
        rng = np.random.default_rng([parameters.seed, d, 5, place])
        repeats = max(1, claim.STEP_TOKENS // n)
        label = f"regime: {steps} steps, {p.manifold.name}, N = {n}"
        drawn = run.progress(
            samples(p, n, count * repeats, rng), total=count * repeats, label=label
        )
        found = [halved(t, steps, rate) for t in drawn]
        return np.reshape(found, (count, repeats)).mean(axis=1)

    def study():
        cells = [where[d] for where in claim.STEP_CELLS.values()]
        found = [of_cell(place, *cell) for place, cell in enumerate(cells)]
        return {"errors": np.array(found).T}

    found = run.remember(f"steps-{d}", study)["errors"]
    intervals = jackknife_intervals(np.sqrt, found)
    quantities = {
        claim.step_cell(d, place): Number(interval)
        for place, interval in zip(claim.STEP_CELLS, intervals, strict=True)
    }
    return Measurement(quantities, {f"steps_{d}": errors})
