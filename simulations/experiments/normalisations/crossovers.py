"""What lies between two normalisations: drift over sweeps of Sinkhorn and over alpha, clock and
drift over the temperature inside a window, of stratified tokens of the circle."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.normalisations import alpha_normalised, sinkhorn
from simulations.observables.generator import clock_and_drift
from simulations.statistics.limits import settled_mean
from simulations.store.quantities import Measurement, Number
from simulations.tokens import Tokens, stratified_tokens
from theory.claims import normalisations as claim
from theory.setting.pseudo_metrics import GAUSSIAN


def between(parameters: claim.Parameters, run) -> Measurement:
    """A few points as rows; for the figure all of them, (points, 3): value and interval."""
    p = parameters.tokens_density(claim.CURVE)

    def sample(s):
        rng = np.random.default_rng([parameters.seed, 4, s])
        sizes = (claim.BETWEEN_TOKENS, claim.BETWEEN_TOKENS // 2)
        return [every_point(p, stratified_tokens(p, n, rng)) for n in sizes]

    def study():
        label = "normalisations: crossovers"
        return {"points": run.over_seeds(sample, claim.BETWEEN_SEEDS, label)}

    points = run.remember("crossovers", study)["points"]
    every = [settled_mean(*column.T) for column in np.moveaxis(points, 2, 0)]
    ends = np.cumsum([len(claim.SWEEPS), len(claim.BETWEEN_ALPHAS), len(claim.WINDOW_RATIOS)])
    parts = np.split(np.array(every, dtype=object), ends)
    drifts = dict(zip(claim.SWEEPS, parts[0], strict=True))
    clocks = dict(zip(claim.WINDOW_RATIOS, parts[2], strict=True))
    quantities = {claim.swept(k): Number(drifts[k]) for k in claim.SWEEPS_JUDGED}
    quantities |= {claim.windowed(r): Number(clocks[r]) for r in claim.RATIOS_JUDGED}
    keys = ("swept", "alpha", "window_clock", "window_drift")
    return Measurement(quantities, dict(zip(keys, map(as_rows, parts), strict=True)))


def as_rows(intervals) -> np.ndarray:
    """(points, 3): value, low and high of each interval."""
    return np.array([(i.value, i.low, i.high) for i in intervals])


def every_point(p, tokens: Tokens) -> list[float]:
    """Drifts over the sweeps and over alpha, then clocks over R^2 and drifts over T/R^2."""
    eps, radius = claim.BETWEEN_TEMPERATURE, claim.BETWEEN_RADIUS
    swept = [after_sweeps(tokens, eps, k) for k in claim.SWEEPS]
    alphas = [alpha_normalised(tokens, GAUSSIAN, eps, alpha) for alpha in claim.BETWEEN_ALPHAS]
    windows = [
        AttentionOperator(tokens, GAUSSIAN, ratio * radius**2, window=radius)
        for ratio in claim.WINDOW_RATIOS
    ]
    fits = [clock_and_drift(a, p, tokens.coordinates) for a in (*swept, *alphas, *windows)]
    clocks, drifts = zip(*fits, strict=True)
    at = len(swept) + len(alphas)
    return [*drifts[:at], *(clock / radius**2 for clock in clocks[at:]), *drifts[at:]]


def after_sweeps(tokens, temperature: float, sweeps: int) -> AttentionOperator:
    """Sinkhorn of so many sweeps; softmax where there are none."""
    if not sweeps:
        return AttentionOperator(tokens, GAUSSIAN, temperature)
    return sinkhorn(tokens, GAUSSIAN, temperature, sweeps).operator
