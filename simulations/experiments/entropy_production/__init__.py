"""Measures the claim `entropy_production`: rates and currents as eps -> 0, samples, exact chains."""

from __future__ import annotations

from simulations.experiments.entropy_production.chains import reversible_chains
from simulations.experiments.entropy_production.limit import (
    current_vectors,
    limits,
    uniform_rotation,
)
from simulations.experiments.entropy_production.one_sided import one_sided_chains
from simulations.experiments.entropy_production.relaxing import relaxing_chains
from simulations.experiments.entropy_production.rings import gradient_force, window_limit
from simulations.experiments.entropy_production.samples import sampled_rate
from simulations.store.quantities import Measurement, merged
from theory.claims.entropy_production import Parameters


def measure(parameters: Parameters, run) -> Measurement:
    """The rate on the first manifold (the headline), the other limits, then exact statements."""
    studies = (
        uniform_rotation,
        window_limit,
        sampled_rate,
        reversible_chains,
        one_sided_chains,
        gradient_force,
    )
    parts = [limits(case, run) for case in parameters.cases()]
    parts += [study(parameters, run) for study in studies]
    return merged(parts, current_vectors(parameters, run) | relaxing_chains(parameters, run))
