"""Measures the claim `learned_metric`: scores |W(x - y)| with a random W of each manifold."""

from __future__ import annotations

from simulations.experiments.learned_metric.cubic import cubic_fields
from simulations.experiments.learned_metric.nodes import nodes_study, on_nodes
from simulations.experiments.learned_metric.samples import sampled
from simulations.store.quantities import Measurement
from theory.claims.learned_metric import Parameters


def measure(parameters: Parameters, run) -> Measurement:
    """Coefficients of samples (the headline), what holds at N = infinity, and the cubic term."""
    quantities, arrays = {}, {}
    for case in parameters.cases():
        nodes = run.remember(f"{case.index} nodes", lambda c=case: nodes_study(c))
        studies = [sampled(case, nodes, run), on_nodes(case, nodes)]
        if case.square:
            studies.append(cubic_fields(case, run))
        for study in studies:
            quantities |= study.quantities
            arrays |= study.arrays
    return Measurement(quantities, arrays)
