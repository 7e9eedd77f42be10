"""The clock of attention to the k nearest tokens, for small k; of that and of windows on rings."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.normalisations import top_k
from simulations.observables.generator import squared_jump
from simulations.statistics.intervals import mean_interval, rounded
from simulations.statistics.limits import romberg
from simulations.store.quantities import Measurement, Number
from simulations.tokens import iid_tokens, quadrature_tokens
from theory.claims import normalisations as claim
from theory.setting.densities import density
from theory.setting.manifolds import circle
from theory.setting.pseudo_metrics import GAUSSIAN
from theory.setting.references import reference_density


def nearest_clocks(parameters: claim.Parameters, run) -> Measurement:
    """Mean clock over the tokens of a sample, times N^(2/d), for each d and k."""
    n, quantities, arrays = claim.NEAREST_TOKENS * parameters.n_tokens, {}, {}
    for d, setting in claim.NEAREST_MANIFOLDS.items():
        p = reference_density(*setting)
        counts = [(k, True) for k in claim.NEIGHBOURS]
        if d == claim.UNCOUNTED[0]:
            counts.append((claim.UNCOUNTED[1], False))

        def sample(s, p=p, d=d, counts=counts):
            tokens = iid_tokens(p, n, np.random.default_rng([parameters.seed, 2, d, s]))
            return [mean_clock(tokens, k, counted) for k, counted in counts]

        def study(sample=sample, d=d):
            label = f"normalisations: k nearest, d = {d}"
            return {"clocks": n ** (2 / d) * run.over_seeds(sample, parameters.n_seeds, label)}

        clocks = run.remember(f"nearest {d}", study)["clocks"]
        for (k, counted), values in zip(counts, clocks.T, strict=True):
            quantities[claim.nearest_clock(d, k, counted)] = Number(mean_interval(values))
    return Measurement(quantities, arrays)


def ring_clocks() -> Measurement:
    """Clocks of a window whose edge holds tokens, and of top-k, on equispaced tokens of a circle;
    that of top-k over r_k^2 with more and more neighbours."""
    n, steps = claim.RING, claim.RING_STEPS
    tokens, chord = ring(n, steps)
    window = AttentionOperator(tokens, GAUSSIAN, claim.WINDOW_TEMPERATURE, window=chord)
    clock = float(squared_jump(window).mean() / 2)
    ratios = []
    for j in claim.RING_LEVELS:
        tokens_of_level, farthest = ring(claim.RING_SQUARES * j**2, j)
        ratios.append(mean_clock(tokens_of_level, 2 * j + 1, True) / farthest**2)
    return Measurement(
        {
            claim.RING_WINDOW: Number(rounded(clock, n)),
            claim.RING_NEAREST: Number(rounded(mean_clock(tokens, 2 * steps + 1, True), n)),
            claim.RING_LIMIT: Number(romberg(ratios)),
        }
    )


def ring(n: int, steps: int):
    """Equispaced tokens of the unit circle, and the chord of so many of their spacings."""
    return quadrature_tokens(density(circle()), n), 2 * np.sin(np.pi * steps / n)


def mean_clock(tokens, k: int, counted: bool) -> float:
    """Half the mean squared jump per dimension."""
    jump = squared_jump(top_k(tokens, k, counted=counted), tokens.points)
    return float(jump.mean() / (2 * tokens.manifold.dim))
