"""Quadrature nodes, N = infinity: the rate of the generator on second harmonics, the bias that grows
with the temperature, and the noise of one key."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.observables.harmonics import second_harmonics
from simulations.observables.noise import noise_on_nodes
from simulations.statistics.limits import romberg
from simulations.store.quantities import Measurement, Number
from simulations.tokens import quadrature_tokens
from theory.claims import regime as claim
from theory.setting.nodes import nodes_for
from theory.setting.pseudo_metrics import GAUSSIAN


def borders_on_nodes(run, parameters: claim.Parameters, d: int) -> tuple[float, Measurement]:
    """The measured rate, (A H - H)/eps over H as eps -> 0, and it and both borders as quantities.

    On a homogeneous space A maps harmonics of one degree to multiples of themselves, so that one
    rate is all of L there.
    """
    p, temperatures = parameters.density(d), claim.LIMIT[d]

    def study():
        label = f"regime: nodes, {p.manifold.name}"
        found = [on_nodes(p, eps) for eps in run.progress(temperatures, label=label)]
        return {"rates": np.array([r for r, _ in found]), "noises": np.array([v for _, v in found])}

    found = run.remember(f"nodes-{d}", study)
    rates, noises = found["rates"], found["noises"]
    # r(eps) = r_0 + r_1 eps + ..., so 2 (r(eps) - r(eps/2))/eps -> r_1: no limit is needed for it
    slopes = 2 * np.diff(rates) / (temperatures[:-1] * rates[1:])
    # k = T/eps steps multiply by (1 + eps r(eps))^k: the same for the logarithm over the time
    logs = np.log1p(temperatures * rates) / temperatures
    drifts = 2 * claim.TIME * -np.diff(logs) / temperatures[:-1]
    rate = romberg(rates)
    quantities = {
        claim.generator_rate(d): Number(rate),
        claim.bias_slope(d): Number(romberg(slopes)),
        claim.noise_constant(d): Number(romberg(noises * temperatures ** (1 + d / 2) / rates**2)),
    }
    if d in claim.STEP_BIAS:
        quantities[claim.step_bias(d)] = Number(romberg(drifts))
    return rate.value, Measurement(quantities)


def on_nodes(p, eps: float) -> tuple[float, float]:
    """(A H - H)/eps on H, by least squares, and N times its variance over the mean square of H."""
    keys = quadrature_tokens(p, nodes_for(p.manifold, eps))
    middle = np.array([(a.low + a.high) / 2 for a in p.manifold.axes])
    lengths = np.array([a.length for a in p.manifold.axes])
    places = np.linspace(-0.25, 0.25, claim.NODE_QUERIES)[:, None]
    queries = p.manifold.embed(middle + places * lengths)
    at_queries, at_keys = second_harmonics(queries), second_harmonics(keys.points)
    operator = AttentionOperator(queries, GAUSSIAN, eps, keys=keys)
    step, size = (operator @ at_keys - at_queries) / eps, (at_queries**2).sum()
    noise = noise_on_nodes(operator, at_keys).sum() / eps**2
    return float((step * at_queries).sum() / size), float(noise / size)
