"""Measures the claim `over_smoothing`: the depth at which features collapse."""

from __future__ import annotations

from simulations.experiments.over_smoothing.nodes import depths_at_temperature, depths_on_nodes
from simulations.experiments.over_smoothing.samples import depths_of_samples
from simulations.statistics.limits import romberg, seen_by_samples
from simulations.store.quantities import Measurement, Number
from theory.claims import over_smoothing as claim
from theory.claims.over_smoothing import Parameters


def measure(parameters: Parameters, run) -> Measurement:
    """Limits seen by samples (the headline) and on nodes, depths at the samples' temperature."""
    nodes = run.remember("nodes", lambda: depths_on_nodes(parameters, run))
    samples = run.remember("samples", lambda: depths_of_samples(parameters, run))
    quantities = {}
    for k, layer in enumerate(claim.LAYERS):
        levels = nodes["sphere"][:, k]
        added = parameters.temperature * samples["jackknifed"][:, k] - levels[0]
        quantities[claim.limit("sphere", layer)] = Number(seen_by_samples(levels, added))
    for k, layer in enumerate(claim.LAYERS):
        quantities[claim.limit("circle", layer)] = Number(romberg(nodes["circle"][:, k]))
    quantities |= depths_at_temperature(parameters)
    return Measurement(quantities, nodes | samples)
