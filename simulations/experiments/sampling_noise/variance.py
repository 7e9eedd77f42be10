"""The variance of A H(x) over samples at fixed queries, over N, eps and d (claim `sampling_noise`)."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.statistics.orders import limit_order, romberg
from simulations.experiments.generator import population_variance
from simulations.experiments.sampling_noise_samples import SPHERES, farthest, samples, slope
from simulations.experiments.settings import GAUSSIAN, reference_density
from simulations.tokens.sampling import iid_tokens
from simulations.verdict import Interval, check, mean_interval, widened
from theory.finite_sample import inverse_neighbours
from theory.limits import noise_variance

BATCHES = 20
# the temperatures of a dimension are this part of the parameter: sharp kernels need many tokens where d is large
SHARPER = {1: 1 / 8, 2: 1 / 2, 3: 1.0}
GROUPS = 8
ALLOWANCE = 1e-3
TEMPERATURES, NUMBERS = [0, 1, 2], [1, 3]  # the cells in which eps, or N, varies


def noise_study(parameters, run) -> dict:
    """Variance of A H(x) in batches of samples, (cells, batches), and its N = infinity value, for each d; and the limit law.

    The cells are (N, eps): eps varies at the largest N, N at the middle eps.
    """
    sizes, out = parameters.n_tokens // np.array([1, 1, 1, 4]), {}
    for d, spec in SPHERES.items():
        p = reference_density(spec)
        temperatures = SHARPER[d] * parameters.temperature / np.array([1.0, 2.0, 4.0, 2.0])
        cells = [(int(n), float(eps)) for n, eps in zip(sizes, temperatures, strict=True)]
        queries = iid_tokens(p, parameters.n_queries, np.random.default_rng([parameters.seed, d, 0]))
        # the fewer the dimensions, the fewer the queries that do not share their keys
        repeats = (2 if d == 1 else 1) * parameters.n_repeats
        drawn = samples(p, parameters.n_tokens, repeats, np.random.default_rng([parameters.seed, d, 1]))
        drawn = run.progress(drawn, total=repeats, label=f"sampling_noise: noise, {p.manifold.name}")
        # one sample serves every cell, its first tokens where N is smaller
        values = np.array([[noisy_average(queries, keys, n, eps) for n, eps in cells] for keys in drawn])
        levels = SHARPER[d] * parameters.temperature / 2.0 ** np.arange(4)
        study = {
            "measured": values.reshape(BATCHES, -1, len(cells), values[0, 0].size).var(axis=1, ddof=1).sum(axis=2).T,
            "expected": [population(p, queries, eps, n).sum() for n, eps in cells],
            "correction": [inverse_neighbours(p(queries.coordinates), d, eps, n).mean() for n, eps in cells],
            "cell_law": [limit_law(p, queries, eps, n).sum() for n, eps in cells],
            "law": [limit_law(p, queries, eps, 2) for eps in levels],
            "population": [population(p, queries, eps, 2) for eps in levels],
            "temperatures": temperatures,
            "levels": levels,
        }
        out |= {f"noise_{key}_{d}": np.array(value) for key, value in study.items()}
    return out | {"noise_sizes": sizes}


def noisy_average(queries, keys, n, eps) -> np.ndarray:
    """A H at the queries, from the first n keys, H the coordinate functions."""
    return AttentionOperator(queries, GAUSSIAN, eps, keys=keys.points[:n]) @ keys.points[:n]


def population(p, queries, eps, n) -> np.ndarray:
    """The variance of A H at each query at N = infinity times 1/N, summed over the coordinate functions."""
    return sum(population_variance(p, queries, p.manifold.function(x), eps, n) for x in p.manifold.embedding)


def limit_law(p, queries, eps, n) -> np.ndarray:
    """The predicted law of that variance as eps -> 0, summed over the coordinate functions."""
    return sum(noise_variance(p, x, eps, n)(queries.coordinates) for x in p.manifold.embedding)


def noise_checks(noise) -> list:
    """Constant of the variance for each d, exponents in N and eps, and the law as eps -> 0."""
    checks, in_n, in_eps = [], [], []
    off = {"constant off by 10 %": 1.1}
    for d in SPHERES:
        measured, expected, correction = (noise[f"noise_{key}_{d}"] for key in ("measured", "expected", "correction"))
        # the delta method is right to the inverse number of effective neighbours
        ratio = widened(mean_interval((measured / expected[:, None]).mean(axis=0)), correction.mean())
        checks.append(check(f"d = {d}: variance of A H(x) over expected", 1.0, ratio, off))
        in_n.append(exponent(noise["noise_sizes"], measured, correction, NUMBERS))
        in_eps.append(exponent(noise[f"noise_temperatures_{d}"], measured, correction, TEMPERATURES))
    by_n = widened(mean_interval(np.mean([e for e, _ in in_n], axis=0)), np.mean([shift for _, shift in in_n]))
    checks.append(check("exponent of the variance in N, mean over d", -1.0, by_n, {"exponent off by 10 %": -1.1}))
    expected = [
        slope(noise[f"noise_temperatures_{d}"][TEMPERATURES], noise[f"noise_expected_{d}"][TEMPERATURES])
        for d in SPHERES
    ]
    change = widened(mean_interval((in_eps[2][0] - in_eps[0][0]) / 2), in_eps[2][1])
    controls = {"no dependence on d": 0.0, "-1 per dimension": -1.0}
    checks.append(
        check(
            "change of the exponent in eps per dimension",
            float(expected[2] - expected[0]) / 2,
            change,
            controls,
        )
    )
    orders, constants = [], []
    for d in SPHERES:
        at_levels, law, levels = (noise[f"noise_{key}_{d}"] for key in ("population", "law", "levels"))
        groups = at_levels.reshape(len(levels), GROUPS, -1).sum(axis=2).T
        orders.append(shifted(limit_order(levels, groups), d / 2 - 1))
        # an extrapolation whose last steps happen to agree would look better than it is
        constants.append(widened(romberg(at_levels.sum(axis=1) / law.sum(axis=1)), ALLOWANCE))
    half = {"the exponent of d + 1": -0.5, "the exponent of d - 1": 0.5}
    checks.append(check("exponent in eps less 1 - d/2, eps -> 0, worst d", 0.0, farthest(orders, 0.0), half))
    wrong = off | {"(4 pi)^(-d/2), d = 1": 2**0.5}
    checks.append(check("constant over (8 pi)^(-d/2), eps -> 0, worst d", 1.0, farthest(constants, 1.0), wrong))
    return checks


def exponent(steps, measured, correction, cells) -> tuple[np.ndarray, float]:
    """Slope of log(variance) for each batch, and how much of it the inverse number of neighbours may be."""
    drift = np.ptp(correction[cells]) / np.ptp(np.log(steps[cells]))
    return slope(steps[cells], measured[cells]), float(drift)


def shifted(interval, by) -> Interval:
    """The interval of the measured number plus a constant."""
    return Interval(interval.value + by, interval.low + by, interval.high + by)
