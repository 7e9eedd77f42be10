"""Measures the claim `evolution`: A^k H on samples and on quadrature nodes, at fixed points."""

from __future__ import annotations

from simulations.experiments.evolution.nodes import features_on_nodes
from simulations.experiments.evolution.samples import features_of_samples, limit_seen
from simulations.experiments.evolution.surface import surface
from simulations.experiments.evolution.view import view
from simulations.store.quantities import Measurement, merged
from theory.claims.evolution import SURFACE, Parameters


def measure(parameters: Parameters, run) -> Measurement:
    """Per manifold: A^k H of i.i.d. tokens (the headline first) and at N = infinity, its errors."""
    parts, arrays = [], {}
    for index, name in enumerate(parameters.manifolds):
        on_nodes = features_on_nodes(parameters, name, run)
        samples = features_of_samples(parameters, name, index, run)
        parts += [samples, on_nodes]
        arrays |= limit_seen(name, samples, on_nodes) | view(parameters, name, index, run)
        if name == SURFACE:
            arrays |= surface(parameters, index, run)
    return merged(parts, arrays)
