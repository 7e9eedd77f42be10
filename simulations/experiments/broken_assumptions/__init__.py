"""Measures the claim `broken_assumptions`: walls, gaps, the wrong volume, a score that is no metric."""

from __future__ import annotations

from simulations.experiments.broken_assumptions.ellipse import dot_product, volume
from simulations.experiments.broken_assumptions.gaps import lattice, pieces, two_clusters
from simulations.experiments.broken_assumptions.inside import evolution, length_seen
from simulations.experiments.broken_assumptions.walls import flat_layer, layer, sampled_layer
from simulations.store.quantities import Measurement, merged
from theory.claims.broken_assumptions import Parameters


def measure(parameters: Parameters, run) -> Measurement:
    """Walls first: the rate at the wall is the headline."""
    parts = [
        layer(parameters, run),
        sampled_layer(parameters, run),
        flat_layer(parameters, run),
        evolution(parameters, run),
        length_seen(parameters, run),
        two_clusters(parameters),
        pieces(parameters, run),
        lattice(),
        volume(parameters),
        dot_product(parameters, run),
    ]
    return merged(parts)
