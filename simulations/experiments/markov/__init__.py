"""Measures the claim `markov`: identities of one sample, the consensus value of many."""

from __future__ import annotations

from simulations.experiments.markov.consensus import (
    consensus_of_samples,
    consensus_on_nodes,
    trajectory,
)
from simulations.experiments.markov.identities import identities
from simulations.store.quantities import Measurement
from theory.claims.markov import Parameters


def measure(parameters: Parameters, run) -> Measurement:
    """Consensus over samples (the headline), on quadrature nodes, and the identities."""
    sampled = consensus_of_samples(parameters, run)
    on_nodes = consensus_on_nodes(parameters, run)
    return Measurement(
        sampled.quantities | on_nodes.quantities | identities(parameters),
        sampled.arrays | on_nodes.arrays | trajectory(parameters),
    )
