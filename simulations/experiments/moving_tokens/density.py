"""The density that moving tokens carry along, from the change of their volume element."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.dynamics.evolve import evolve_tokens
from simulations.observables.volume import fourier_derivative, volume_element
from simulations.store.quantities import Measurement, deterministic_field
from simulations.tokens import quadrature_tokens
from theory.claims import moving_tokens as claim
from theory.setting.nodes import nodes_for
from theory.setting.pseudo_metrics import GAUSSIAN
from theory.setting.quadrature import chart_quadrature
from theory.setting.references import reference_density


def density_of_marked(parameters: claim.Parameters, name: str, run) -> Measurement:
    """d log p/dt following marked tokens among infinitely many others.

    A token keeps its mass, so log p changes by minus the logarithm of the volume element.
    """
    p = parameters.tokens_density(name)
    m, levels = p.manifold, parameters.marked_temperatures(p.manifold.dim)
    counts, lengths = claim.MARKS[m.dim], [axis.length for axis in m.axes]
    u, volume = chart_quadrature(m, counts)
    start = m.embed(u)

    def moved(eps):
        tokens = quadrature_tokens(p, nodes_for(m, eps))
        return AttentionOperator(start, GAUSSIAN, eps, keys=tokens) @ tokens.points

    def study():
        bar = run.progress(levels, label=f"moving_tokens, {name}: marked tokens")
        return {"moved": np.array([moved(eps) for eps in bar])}

    found = run.remember(f"{name} marked", study)["moved"]
    before = volume_element(start, counts, lengths)
    rates = [
        -np.log(volume_element(after, counts, lengths) / before) / eps
        for after, eps in zip(found, levels, strict=True)
    ]
    weights = volume * p(u)
    field = deterministic_field(np.array(rates)[:, :, None], u, levels, weights / weights.sum())
    velocity = (found[-1] - start) / levels[-1]
    arrays = {f"{name}_marked": start, f"{name}_velocity": velocity}
    return Measurement({claim.density_rate(name): field, claim.density_order(name): field}, arrays)


def flat_circle() -> Measurement:
    """The same of tokens on a flat circle, given on the line: nothing bends."""
    p, levels = reference_density("circle"), claim.FLAT_TEMPERATURES
    nodes = quadrature_tokens(p, claim.FLAT_TOKENS)
    u, period = nodes.coordinates, p.manifold.axes[0].length
    rates = []
    for eps in levels:
        moved = evolve_tokens(u, GAUSSIAN, eps, [1], weights=nodes.weights, period=period)[0]
        stretched = 1 + fourier_derivative(moved - u, period)[:, 0]
        rates.append(-np.log(stretched) / eps)
    field = deterministic_field(np.array(rates)[:, :, None], u, levels, nodes.weights)
    return Measurement({claim.FLAT: field})
