"""The temperature at which N tokens estimate the generator best (claim `sampling_noise`)."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.experiments.sampling_noise_samples import SPHERES, samples, slope
from simulations.experiments.settings import GAUSSIAN
from simulations.observables import minimiser
from simulations.tokens.sampling import iid_tokens
from simulations.verdict import check, mean_interval, widened
from theory.setting.densities import density
from theory.exact import sphere_laplacian_eigenvalues
from theory.finite_sample import best_temperature, harmonic_error
from theory.setting.manifolds import manifold

DEGREE = 2
BATCHES = 12
GRID = np.geomspace(0.5, 2.0, 7)


def best_study(parameters, run) -> dict:
    """Mean squared error of (A H - H)/eps against L H, over E[H^2], (sizes, batches, grid), for each d; and predicted.

    H the harmonics of degree 2 on the unit sphere, all together, so that every query is like every other.
    """
    sizes, out = parameters.n_best * 4 ** np.arange(parameters.n_levels), {}
    for d, spec in SPHERES.items():
        p = density(manifold(spec))
        queries = iid_tokens(p, parameters.n_queries, np.random.default_rng([parameters.seed, d, 3]))
        grids = np.array([best_temperature(d, DEGREE, int(n))[0] * GRID for n in sizes])
        # the fewer the dimensions, the fewer the queries that do not share their keys
        repeats = (2 if d == 1 else 1) * parameters.n_best_repeats
        errors = []
        for k, n in enumerate(sizes):
            drawn = samples(p, int(n), repeats, np.random.default_rng([parameters.seed, d, 4, k]))
            label = f"sampling_noise: best temperature, {p.manifold.name}, N = {n}"
            found = [errors_of(queries, keys, grids[k], d) for keys in run.progress(drawn, total=repeats, label=label)]
            errors.append(np.reshape(found, (BATCHES, -1, len(GRID))).mean(axis=1))
        predicted = [harmonic_error(d, DEGREE, grid, int(n)).sum(axis=1) for grid, n in zip(grids, sizes, strict=True)]
        out |= {
            f"best_errors_{d}": np.array(errors),
            f"best_grid_{d}": grids,
            f"best_predicted_{d}": np.array(predicted),
        }
        out[f"best_law_{d}"] = np.array([best_temperature(d, DEGREE, int(n)) for n in sizes])
    return out | {"best_sizes": sizes}


def errors_of(queries, keys, temperatures, d) -> list:
    """Mean squared error over the queries at each temperature, over the mean square of H."""
    at_queries, at_keys = second_harmonics(queries.points), second_harmonics(keys.points)
    limit = -sphere_laplacian_eigenvalues(d, 1.0, DEGREE + 1)[DEGREE] * at_queries
    measured = [
        (AttentionOperator(queries, GAUSSIAN, eps, keys=keys) @ at_keys - at_queries) / eps for eps in temperatures
    ]
    return [((m - limit) ** 2).sum() / (at_queries**2).sum() for m in measured]


def second_harmonics(x) -> np.ndarray:
    """x_i x_j - delta_ij/D as features whose squares sum to a constant on the unit sphere, (n, D (D+1)/2)."""
    dim = x.shape[1]
    i, j = np.triu_indices(dim)
    return np.where(i == j, 1.0, np.sqrt(2.0)) * (x[:, i] * x[:, j] - (i == j) / dim)


def best_checks(best) -> list:
    """The best temperature over predicted, and its exponent in N, and that of the least error."""
    checks, exponents = [], []
    for d in SPHERES:
        grids, law = best[f"best_grid_{d}"], -2 / (d + 6)
        found, expected = minima(grids, best[f"best_errors_{d}"]), minima(grids, best[f"best_predicted_{d}"][:, None])
        ratio = np.exp(np.log(found[0] / expected[0]).mean(axis=0))
        off = {"best temperature off by 10 %": 1.1}
        checks.append(check(f"d = {d}: best temperature over predicted", 1.0, mean_interval(ratio), off))
        exponents.append([[slope(best["best_sizes"], m[k]) / law for k in (0, 1)] for m in (found, expected)])
    densities = {"the law N^(-2/(d+4)) of densities": float(np.mean([(d + 6) / (d + 4) for d in SPHERES]))}
    for k, what in enumerate(("best temperature", "least error")):
        # at these N the predicted exponent itself is off its limit by this much
        truncation = np.mean([expected[k][0] - 1 for _, expected in exponents])
        measured = widened(mean_interval(np.mean([found[k] for found, _ in exponents], axis=0)), truncation)
        checks.append(check(f"exponent of the {what} in N over -2/(d+6)", 1.0, measured, densities))
    return checks


def minima(grids, errors) -> np.ndarray:
    """(best temperature, least root mean squared error) of each curve; errors (sizes, batches, grid) -> (2, sizes, batches)."""
    found = np.array([[minimiser(grid, curve) for curve in curves] for grid, curves in zip(grids, errors, strict=True)])
    return np.stack([found[..., 0], np.sqrt(found[..., 1])])
