"""The claim `normalisations`, attention to the k nearest: a clock with Gamma functions."""

from __future__ import annotations

import numpy as np

from simulations.experiments.settings import reference_density
from simulations.attention.normalisations import top_k
from simulations.tokens.sampling import iid_tokens
from simulations.verdict import check, mean_interval, widened
from theory.normalisations import top_k_clock, top_k_radius, window_clock

SMALLEST_K = 3
NEIGHBOURS = (2, 3, 5, 10, 20)
NEAREST_MANIFOLDS = {1: ("circle", "reference"), 2: ("sphere", "reference"), 3: ("flat_torus(dim=3)", "uniform")}


def nearest_study(parameters, run) -> dict:
    """Clock of top-k attention by squared displacement over its formula, (seeds, ks), for d = 1, 2, 3, and over the large-k law."""
    n, found = 5 * parameters.n_tokens, {}
    for d, (spec, formula) in NEAREST_MANIFOLDS.items():
        p, ratios, naive, sizes = reference_density(spec, formula), [], [], []
        for s in run.progress(range(parameters.n_nearest_seeds), label=f"normalisations: nearest neighbours, d = {d}"):
            tokens = iid_tokens(p, n, np.random.default_rng([parameters.seed, 2, d, s]))
            density_there = p(tokens.coordinates)
            moved = [squared_displacement(top_k(tokens, k), tokens.points) / (2 * d) for k in NEIGHBOURS]
            laws = [window_clock(top_k_radius(k / n, d, density_there), d) for k in NEIGHBOURS]
            ratios.append([(m / top_k_clock(k, n, d, density_there)).mean() for m, k in zip(moved, NEIGHBOURS, strict=True)])
            naive.append([(m / law).mean() for m, law in zip(moved, laws, strict=True)])
            sizes.append([(2 * (d + 2) * law).mean() for law in laws])
        predicted_ratio = [float(top_k_clock(k, n, d, np.ones(1))[0] / window_clock(top_k_radius(k / n, d, np.ones(1)), d)[0]) for k in NEIGHBOURS]
        found |= {f"ratio {d}": np.array(ratios), f"large-k ratio {d}": np.array(naive), f"predicted {d}": np.array(predicted_ratio)}
        found |= {f"squared radius {d}": np.array(sizes).mean(axis=0)}
    return found | {"k": np.array(NEIGHBOURS), "n": np.array(n)}


def squared_displacement(operator, points) -> np.ndarray:
    """sum_j a_ij |x_j - x_i|^2, shape (n,)."""
    squared = (points**2).sum(axis=1)
    return operator @ squared - 2 * (points * (operator @ points)).sum(axis=1) + squared


def nearest_checks(nearest) -> list:
    """The Gamma-function constant for a small k, against the law of large k and against leaving the token itself out."""
    checks, n = [], int(nearest["n"])
    column = NEIGHBOURS.index(SMALLEST_K)
    for d in NEAREST_MANIFOLDS:
        large_k = 1 / float(nearest[f"predicted {d}"][column])
        counted, left_out = (float(top_k_clock(SMALLEST_K, n, d, np.ones(1), counted=c)[0]) for c in (True, False))
        # curvature and the change of p within a ball are of the order of its squared radius
        interval = widened(mean_interval(nearest[f"ratio {d}"][:, column]), float(nearest[f"squared radius {d}"][column]) / 4)
        controls = {"law of large k": large_k, "token itself not counted": left_out / counted, "10 % off": 1.1}
        checks.append(check(f"top-k clock over its Gamma formula, k = {SMALLEST_K}, d = {d}", 1.0, interval, controls))
    return checks
