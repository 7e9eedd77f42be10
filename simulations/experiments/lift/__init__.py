"""Measures the claim `lift`: the equation that attention between lifted tokens sees."""

from __future__ import annotations

from simulations.experiments.lift.evolution import evolution_study
from simulations.experiments.lift.generator import generator_study
from simulations.experiments.lift.identity import identity_study
from simulations.experiments.lift.picture import picture_of_tokens
from simulations.experiments.lift.samples import sample_study
from simulations.store.quantities import Measurement, merged
from theory.claims.lift import Parameters


def measure(parameters: Parameters, run) -> Measurement:
    """The generator on nodes (the headline first), of samples, A^k H, and the dot product."""
    cases = parameters.cases()
    parts = [generator_study(case, parameters, run) for case in cases]
    parts += [sample_study(case, parameters, run) for case in cases]
    parts += [evolution_study(case, run) for case in parameters.evolved_cases()]
    parts += [identity_study(case, parameters) for case in cases if case.constant_length]
    pictures = {}
    for case in parameters.pictured_cases():
        pictures |= picture_of_tokens(case, parameters, run)
    return merged(parts, pictures)
