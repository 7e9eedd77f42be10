"""Measures the claim `generator`: (A - I)H/eps on samples, on quadrature nodes, and as a field."""

from __future__ import annotations

from simulations.experiments.generator.fields import fields
from simulations.experiments.generator.nodes import coefficients_on_nodes
from simulations.experiments.generator.rows import row_of_one_token
from simulations.experiments.generator.samples import coefficients_of_samples
from simulations.store.quantities import Measurement, merged
from theory.claims.generator import Parameters


def measure(parameters: Parameters, run) -> Measurement:
    """Per manifold: drift and clock of i.i.d. tokens (the headline first), of nodes, and fields."""
    parts, rows = [], {}
    for index, name in enumerate(parameters.manifolds):
        on_nodes = coefficients_on_nodes(parameters, name, run)
        parts += [
            coefficients_of_samples(parameters, name, index, on_nodes, run),
            on_nodes,
            fields(parameters, name),
        ]
    for index, name in enumerate(parameters.pictured()):
        rows |= row_of_one_token(parameters, name, index, run)
    return merged(parts, rows)
