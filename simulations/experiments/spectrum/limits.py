"""Eigenvalues on quadrature nodes, where N is infinite, as the temperature falls."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.engines import TOLERANCE
from simulations.observables.spectrum import leading_eigenpairs
from simulations.statistics.limits import romberg_of_rates
from simulations.store.quantities import Measurement, Number
from simulations.tokens import quadrature_tokens
from theory.claims import spectrum as claim
from theory.setting.densities import density
from theory.setting.manifolds import manifold
from theory.setting.nodes import MOST_NODES, nodes_for
from theory.setting.pseudo_metrics import GAUSSIAN

# a node each third of the narrower of kernel and density: exp(-2 (3 pi)^2) is beyond rounding
LINE_NODES = 3


def rates(tokens, temperature: float, count: int, rng, tolerance: float = 0.0) -> np.ndarray:
    """(1 - mu_k)/eps for k = 1..count, increasing."""
    operator = AttentionOperator(tokens, GAUSSIAN, temperature)
    mu = leading_eigenpairs(operator, count + 1, rng, tolerance)[0]
    return (1 - mu[1:]) / temperature


def rates_on_nodes(parameters: claim.Parameters, run) -> dict:
    """`rates` in four settings, (levels, count) each."""
    rng = np.random.default_rng([parameters.seed, 1])
    circle, sphere = density(manifold("circle")), density(manifold("sphere"))
    settings = {
        "circle": (circle, max(claim.LIMITS_CIRCLE)),
        "sphere": (sphere, max(claim.LEADING)),
        "line": (parameters.line_density(), max(claim.LIMITS_LINE)),
        "curve": (parameters.curve_density(), max(claim.LIMITS_CURVE)),
    }
    found = {name: [] for name in settings}
    for eps in run.progress(parameters.temperatures(), label="spectrum: nodes"):
        for name, (p, count) in settings.items():
            found[name].append(rates(nodes_of(p, parameters, eps), eps, count, rng, 1e-13))
    return {name: np.array(levels) for name, levels in found.items()}


def nodes_of(p, parameters, temperature: float):
    """Quadrature nodes for the density p, also on the line."""
    if np.isfinite(p.manifold.axes[0].length):
        return quadrature_tokens(p, nodes_for(p.manifold, temperature, MOST_NODES))
    low, high = p.support[0]
    step = min(parameters.deviation, np.sqrt(2 * temperature)) / LINE_NODES
    return quadrature_tokens(p, int(np.ceil((high - low) / step)))


def extrapolated(nodes: dict, steps) -> Measurement:
    """The k-th eigenvalue extrapolated to zero temperature, one by one."""
    places = {
        claim.CIRCLE: ("circle", claim.LIMITS_CIRCLE),
        claim.LINE: ("line", claim.LIMITS_LINE),
        claim.CURVE: ("curve", claim.LIMITS_CURVE),
    }
    return Measurement(
        {
            claim.limit(place, k): Number(romberg_of_rates(nodes[name][:, k - 1], steps, TOLERANCE))
            for place, (name, indices) in places.items()
            for k in indices
        }
    )
