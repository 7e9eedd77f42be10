"""Measures the claim `learned_metric`: scores |W(x - y)| with a random W of each manifold."""

from __future__ import annotations

from simulations.experiments.learned_metric.cubic import cubic_fields
from simulations.experiments.learned_metric.nodes import nodes_study, on_nodes
from simulations.experiments.learned_metric.samples import sampled
from simulations.experiments.learned_metric.tensors import tensors_of_samples
from simulations.store.quantities import Measurement, merged
from theory.claims.learned_metric import Parameters


def measure(parameters: Parameters, run) -> Measurement:
    """Coefficients of samples (the headline), what holds at N = infinity, and the cubic term."""
    parts, tensors = [], {}
    for case in parameters.cases():
        nodes = run.remember(f"{case.index} nodes", lambda c=case: nodes_study(c))
        parts += [sampled(case, nodes, run), on_nodes(case, nodes)]
        if case.square:
            parts.append(cubic_fields(case, run))
        if case.surface:
            tensors |= tensors_of_samples(case, run)
    return merged(parts, tensors)
