"""Measures the claim `conformal_metric`: what metric attention sees, and that in d = 2 none fits."""

from __future__ import annotations

from simulations.experiments.conformal_metric.evolution import evolution_study
from simulations.experiments.conformal_metric.generator import generator_study
from simulations.experiments.conformal_metric.two_dimensions import surface_study
from simulations.store.quantities import Measurement, merged
from theory.claims.conformal_metric import Parameters


def measure(parameters: Parameters, run) -> Measurement:
    """(A - I)H on nodes and of samples (the headline first), A^k H, and the motion in d = 2."""
    parts = [generator_study(case, parameters, run) for case in parameters.cases()]
    parts += [evolution_study(case, run) for case in parameters.evolved_cases()]
    parts += [surface_study(case, parameters, run) for case in parameters.surface_cases()]
    return merged(parts)
