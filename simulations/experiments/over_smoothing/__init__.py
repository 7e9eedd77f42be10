"""Measures the claim `over_smoothing`: the depth at which features collapse."""

from __future__ import annotations

from simulations.experiments.over_smoothing.nodes import depths_at_temperature, depths_on_nodes
from simulations.experiments.over_smoothing.samples import depths_of_samples
from simulations.statistics.jackknife import jackknifed_interval
from simulations.statistics.limits import romberg
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
        jackknifed, of_halves = (
            parameters.temperature * samples[key][:, k] - levels[0]
            for key in ("jackknifed", "of halves")
        )
        seen = romberg(levels).plus(jackknifed_interval(jackknifed, of_halves))
        quantities[claim.limit("sphere", layer)] = Number(seen)
    for k, layer in enumerate(claim.LAYERS):
        quantities[claim.limit("circle", layer)] = Number(romberg(nodes["circle"][:, k]))
    quantities |= depths_at_temperature(parameters)
    return Measurement(quantities, nodes | samples)
