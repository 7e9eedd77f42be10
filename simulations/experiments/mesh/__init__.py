"""Measures the claim `mesh`: (A - I)H/eps and A^k H on the triangles of a surface."""

from __future__ import annotations

import numpy as np

from simulations.experiments.mesh.nodes import on_nodes
from simulations.experiments.mesh.samples import of_samples
from simulations.statistics.limits import seen_by_samples
from simulations.store.quantities import Measurement, merged
from theory.claims.mesh import NODE_LEVELS, NODES, SAMPLES, Parameters, evolved


def measure(parameters: Parameters, run) -> Measurement:
    """Of i.i.d. tokens, the headline first, and at N = infinity."""
    surface = parameters.surface()
    arrays = {"vertices": surface.vertices, "triangles": surface.triangles}
    samples, nodes = of_samples(parameters, run), on_nodes(parameters, run)
    return merged([samples, nodes], arrays | limit_seen(samples, nodes))


def limit_seen(samples: Measurement, nodes: Measurement) -> dict:
    """The limit of A^k H that samples see, at each probe, with its half-width, for the figure."""
    field = samples.quantities[evolved(SAMPLES)]
    levels = nodes.quantities[evolved(NODES)].values[:, 0, :, 0]
    place = NODE_LEVELS.index(1.0)
    seen = [
        seen_by_samples(on_nodes, values - on_nodes[place])
        for on_nodes, values in zip(levels.T, field.values[-1, :, :, 0].T, strict=True)
    ]
    return {
        "limit": np.array([i.value for i in seen]),
        "limit half-widths": np.array([i.half_width for i in seen]),
    }
