"""Sinkhorn stopped early and late on the same tokens: A^k H off the tokens, and what the two differ
by over their error, against a limit that is itself measured."""

from __future__ import annotations

import numpy as np

from simulations.attention.normalisations import doubly_stochastic, sinkhorn
from simulations.dynamics.evolve import evolve_at
from simulations.experiments.semigroup_rate.samples import both_features, equal
from simulations.statistics.intervals import mean_interval
from simulations.statistics.limits import richardson
from simulations.statistics.orders import seed_order, sup_norm
from simulations.store.quantities import Field, Measurement, Number
from simulations.tokens import iid_tokens, quadrature_tokens
from theory.claims import semigroup_rate as claim
from theory.setting.nodes import nodes_for
from theory.setting.pseudo_metrics import GAUSSIAN

STREAM = 9  # of random numbers, apart from those of the other samples
ONE_SWEEP = "one sweep"  # the wrong method


def sinkhorn_stopped(parameters: claim.Parameters, run) -> Measurement:
    """Fields of both tolerances, of both features, and how much less than the error of the late
    stop the difference of the two is, for the smooth ones and the largest samples."""
    sizes, u = parameters.sinkhorn_sizes(), claim.probe_points(1)

    def study():
        found = {"limit": limit_on_nodes(parameters, u)}
        for level, (k, n) in enumerate(sizes):
            found[f"{level}"] = run.over_seeds(
                lambda s, level=level, k=k, n=n: sample(parameters, u, level, s, k, n),
                parameters.n_seeds,
                f"semigroup_rate: Sinkhorn, N = {n}",
            )
        return found

    found = run.remember("sinkhorn", study)
    # (methods, levels, seeds, points, features)
    values = np.array([found[f"{level}"] for level in range(len(sizes))])
    stopped, converged, swept = np.moveaxis(values, 2, 0)
    steps = 1 / np.array([n for _, n in sizes])
    quantities = {}
    for tolerance, of in ((claim.STOPPED, stopped), (claim.CONVERGED, converged)):
        for column, features in enumerate(claim.FEATURES):
            one = of[..., column : column + 1].astype(np.float32)
            quantities[claim.sinkhorn_rate(tolerance, features)] = Field(
                one, u, equal(len(u)), steps
            )
    late = largest_errors(converged[..., 0], found["limit"])
    early, once = (
        largest_errors(v[..., 0] - converged[..., 0], 0.0) / late for v in (stopped, swept)
    )
    digits, none = (mean_interval(-np.log10(apart[-1])) for apart in (early, once))
    quantities[claim.APART] = Number(digits, {ONE_SWEEP: none})
    ratios = largest_errors(stopped[..., 0], found["limit"]) / late
    order = seed_order(steps, ratios)
    arrays = {"apart": early, "order_difference": [order.value, order.low, order.high]}
    return Measurement(quantities, {f"sinkhorn_{name}": np.array(a) for name, a in arrays.items()})


def sample(parameters: claim.Parameters, u, level: int, s: int, k: int, n: int) -> np.ndarray:
    """A^k H at chart points u of the sweeps that stop early, late, and after the first,
    (3, points, features)."""
    p = parameters.density(1)
    rng = np.random.default_rng([parameters.seed, STREAM, level, s])
    tokens, eps = iid_tokens(p, n, rng), parameters.temperature(k)
    balanced = [
        doubly_stochastic(tokens, GAUSSIAN, eps, claim.STOPPED),
        doubly_stochastic(tokens, GAUSSIAN, eps, claim.CONVERGED),
        sinkhorn(tokens, GAUSSIAN, eps, 1),
    ]
    h, x = both_features(tokens), p.manifold.embed(u)
    return np.array([evolve_at(b.operator, x, h, [k])[0] for b in balanced])


def limit_on_nodes(parameters: claim.Parameters, u) -> np.ndarray:
    """The limit of A^k H for the smooth features at chart points u, (points,): converged Sinkhorn
    on quadrature nodes, at time T, extrapolated over halving temperatures."""
    p, levels = parameters.density(1), []
    for k in claim.REFERENCE_STEPS:
        eps = parameters.temperature(k)
        nodes = quadrature_tokens(p, nodes_for(p.manifold, eps))
        balanced = doubly_stochastic(nodes, GAUSSIAN, eps, claim.CONVERGED)
        h = claim.smooth(nodes.points[:, 0])
        levels.append(evolve_at(balanced.operator, p.manifold.embed(u), h, [k])[0])
    values, power = np.array(levels), 1
    while len(values) > 1:
        values, power = richardson(values[:-1], values[1:], power), power + 1
    return values[0]


def largest_errors(values, limit) -> np.ndarray:
    """max over the points of |values - limit|, (levels, seeds)."""
    return np.array([[sup_norm(v - limit) for v in level] for level in values])
