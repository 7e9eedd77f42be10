"""The variance of A H(x) at fixed queries that are no tokens: over samples, and on nodes."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.observables.noise import noise_on_nodes
from simulations.statistics.intervals import variance_interval
from simulations.statistics.limits import romberg
from simulations.statistics.orders import limit_order, variance_order
from simulations.store.quantities import Measurement, Number
from simulations.tokens import quadrature_tokens
from simulations.tokens.samples import samples
from theory.claims import sampling_noise as claim
from theory.setting.nodes import nodes_for
from theory.setting.pseudo_metrics import GAUSSIAN


def noise_of_samples(parameters: claim.Parameters, run, d: int) -> Measurement:
    """N Var[A x] at one temperature and two sizes, H the coordinate functions."""
    p, eps = parameters.noise_density(d), parameters.noise_temperature(d)
    queries, sizes = p.manifold.embed(parameters.queries(d)), parameters.noise_sizes()
    repeats = claim.NOISE_SAMPLES[d] * parameters.n_seeds

    def values(n, place):
        rng = np.random.default_rng([parameters.seed, d, 1, place, n])
        label = f"sampling_noise: noise, {p.manifold.name}, N = {n}"
        drawn = run.progress(samples(p, n, repeats, rng), total=repeats, label=label)
        operators = (AttentionOperator(queries, GAUSSIAN, eps, keys=keys) for keys in drawn)
        return np.array([(operator @ operator.keys).ravel() for operator in operators])

    def study():
        return {f"{k}": values(n, k) for k, n in enumerate(sizes)}

    found = list(run.remember(f"noise-{d}", study).values())
    quantities = {
        claim.noise(d): Number(variance_interval(found[0]).scaled(sizes[0])),
        claim.noise_exponent(d): Number(variance_order(sizes, found)),
    }
    return Measurement(quantities)


def noise_in_the_limit(parameters: claim.Parameters, run, d: int) -> Measurement:
    """N Var[A x] on quadrature nodes at temperatures that halve: its power of eps, its constant."""
    p, temperatures = parameters.noise_density(d), parameters.noise_temperatures(d)
    queries = p.manifold.embed(parameters.queries(d))

    def level(eps):
        keys = quadrature_tokens(p, nodes_for(p.manifold, eps))
        operator = AttentionOperator(queries, GAUSSIAN, eps, keys=keys)
        return noise_on_nodes(operator, keys.points).mean() / p.manifold.ambient_dim

    def study():
        label = f"sampling_noise: noise on nodes, {p.manifold.name}"
        return {"variances": np.array([level(e) for e in run.progress(temperatures, label=label)])}

    variances = run.remember(f"noise-nodes-{d}", study)["variances"]
    quantities = {
        claim.noise_power(d): Number(limit_order(temperatures, variances)),
        claim.noise_constant(d): Number(romberg(variances * temperatures ** (d / 2 - 1))),
    }
    arrays = {f"noise_temperatures_{d}": temperatures, f"noise_variances_{d}": variances}
    return Measurement(quantities, arrays)
