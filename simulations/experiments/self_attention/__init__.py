"""Measures the claim `self_attention`: the limit on nodes, samples, the consensus, drift vectors."""

from __future__ import annotations

from simulations.experiments.self_attention.consensus import tilted_consensus
from simulations.experiments.self_attention.limit import limit
from simulations.experiments.self_attention.samples import sampled_drifts
from simulations.experiments.self_attention.vectors import drift_vectors
from simulations.store.quantities import Measurement
from theory.claims.self_attention import Parameters


def measure(parameters: Parameters, run) -> Measurement:
    """Coefficients as eps -> 0 (the headline), of samples, and the consensus of S alone."""
    on_nodes = limit(parameters, run)
    return Measurement(
        on_nodes.quantities | sampled_drifts(parameters, run) | tilted_consensus(parameters, run),
        on_nodes.arrays | drift_vectors(parameters, run),
    )
