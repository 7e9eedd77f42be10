"""The error of (A H - H)/eps over temperatures: where it is least, and how that moves with N.

The reference is measured too: (A H - H)/eps on quadrature nodes, extrapolated to eps = 0.
"""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.observables.harmonics import second_harmonics
from simulations.observables.noise import noise_on_nodes
from simulations.statistics.fits import minimiser
from simulations.statistics.intervals import bounded, jackknife_intervals
from simulations.statistics.limits import romberg_value
from simulations.statistics.orders import fitted_order, limit_order
from simulations.store.quantities import Measurement, Number
from simulations.tokens import quadrature_tokens
from simulations.tokens.samples import samples
from theory.claims import sampling_noise as claim
from theory.setting.nodes import nodes_for
from theory.setting.pseudo_metrics import GAUSSIAN

# the temperatures on nodes and those halfway between, in logarithms, down to one beyond the last
AROUND = claim.BEST_LIMIT[0] / 2.0 ** (np.arange(-1, 2 * len(claim.BEST_LIMIT)) / 2)


def best_of_samples(parameters: claim.Parameters, run, d: int) -> Measurement:
    """The minimum over a wide range of temperatures of the error at each N, queries no keys."""
    p, sizes = parameters.uniform(d), parameters.best_sizes()
    queries = p.manifold.embed(parameters.queries(d))
    repeats = claim.BEST_SAMPLES[d] * parameters.n_seeds

    def errors(n, place, reference):
        rng = np.random.default_rng([parameters.seed, d, 3, place, n])
        label = f"sampling_noise: best temperature, {p.manifold.name}, N = {n}"
        drawn = run.progress(samples(p, n, repeats, rng), total=repeats, label=label)
        return [squared_errors(queries, keys, reference) for keys in drawn]

    def study():
        reference = nodes_study(parameters, run, d)["reference"]
        found = [errors(n, place, reference) for place, n in enumerate(sizes)]
        return {"errors": np.array(found).swapaxes(0, 1)}

    return best_quantities(run.remember(f"best-{d}", study)["errors"], sizes, d)


def best_quantities(errors, sizes, d: int) -> Measurement:
    """The minima of mean squared errors (samples, sizes, temperatures), and their exponents in N.

    The polynomial through the temperatures has an error of its own: how far the minimum moves from
    one through five of them to one through seven.
    """

    def statistic(curves, n_points=7):
        found = [minimiser(claim.BEST_GRID, curve, n_points) for curve in curves]
        eps, error = np.array(found).T
        root = np.sqrt(error)
        exponents = [fitted_order(sizes, values) for values in (eps, root)]
        return np.array([*eps, *root, *exponents])

    mean = errors.mean(axis=0)
    moves = np.abs(statistic(mean) - statistic(mean, 5))
    intervals = [
        bounded(interval, float(move), "interpolation between temperatures")
        for interval, move in zip(jackknife_intervals(statistic, errors), moves, strict=True)
    ]
    levels = len(sizes)
    eps, root, exponents = intervals[:levels], intervals[levels:-2], intervals[-2:]
    quantities = {
        claim.best(d): Number(eps[-1]),
        claim.least(d): Number(root[-1]),
        claim.best_exponent(d): Number(exponents[0]),
        claim.least_exponent(d): Number(exponents[1]),
    }
    minima = [[(i.value, i.low, i.high) for i in part] for part in (eps, root)]
    arrays = {f"best_errors_{d}": np.sqrt(mean), f"best_minima_{d}": np.array(minima)}
    return Measurement(quantities, arrays)


def squared_errors(queries, keys, reference) -> np.ndarray:
    """Mean squared error over queries and harmonics at each temperature, over that of reference."""
    at_queries, at_keys = second_harmonics(queries), second_harmonics(keys.points)
    out = []
    for eps in claim.BEST_GRID:
        operator = AttentionOperator(queries, GAUSSIAN, eps, keys=keys)
        error = (operator @ at_keys - at_queries) / eps - reference
        out.append((error**2).sum() / (reference**2).sum())
    return np.array(out)


def nodes_study(parameters: claim.Parameters, run, d: int) -> dict:
    """(A H - H)/eps on nodes: its limit at each query, its squared bias and N times its variance.

    The last two at each of AROUND, mean over queries, over the mean square of the limit.
    """
    p = parameters.uniform(d)
    queries = p.manifold.embed(parameters.queries(d))

    def study():
        label = f"sampling_noise: best temperature on nodes, {p.manifold.name}"
        found = [step_on_nodes(p, queries, eps) for eps in run.progress(AROUND, label=label)]
        reference = limit_on_nodes([value for value, _ in found[::2]])
        size = (reference**2).sum()
        bias = [((value - reference) ** 2).sum() / size for value, _ in found]
        variance = [noise.sum() / size for _, noise in found]
        return {"reference": reference, "bias": np.array(bias), "variance": np.array(variance)}

    return run.remember(f"best-nodes-{d}", study)


def step_on_nodes(p, queries, eps: float):
    """((A H - H)/eps, N times the variance of it) at the queries, on quadrature nodes."""
    keys = quadrature_tokens(p, nodes_for(p.manifold, eps))
    at_queries, at_keys = second_harmonics(queries), second_harmonics(keys.points)
    operator = AttentionOperator(queries, GAUSSIAN, eps, keys=keys)
    return (operator @ at_keys - at_queries) / eps, noise_on_nodes(operator, at_keys) / eps**2


def limit_on_nodes(values) -> np.ndarray:
    """Values (levels, queries, harmonics) at halving eps, followed to eps = 0 (Romberg)."""
    levels = np.asarray(values)
    columns = levels.reshape(len(levels), -1).T
    return np.reshape([romberg_value(column) for column in columns], levels.shape[1:])


def best_on_nodes(parameters: claim.Parameters, run, d: int) -> Measurement:
    """For each temperature, the number of tokens for which it is the best, and the error then.

    The squared error is b^2 + V/N with b^2 and V measured on nodes, so eps is the best of N tokens
    where the two derivatives cancel: N = -V'/(b^2)', by differences between sqrt(2) eps and
    eps/sqrt(2). Both orders in eps are those of a limit, without any law of the minimum.
    """
    found, temperatures = nodes_study(parameters, run, d), claim.BEST_LIMIT
    bias, variance = found["bias"], found["variance"]
    above, below = slice(0, -2, 2), slice(2, None, 2)
    numbers = (variance[below] - variance[above]) / (bias[above] - bias[below])
    errors = np.sqrt(bias[1::2] + variance[1::2] / numbers)
    quantities = {
        claim.best_order(d): Number(limit_order(temperatures, 1 / numbers)),
        claim.least_order(d): Number(limit_order(temperatures, errors)),
    }
    return Measurement(quantities, {f"best_nodes_{d}": np.array([temperatures, numbers, errors])})
