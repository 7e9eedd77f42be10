"""Measures the claim `clusters`: growth of density modes, life of clusters, random data.

Tokens move on a flat circle, given on the line; those of the film, on a bent curve.
"""

from __future__ import annotations

from simulations.experiments.clusters.chain import chain_of_clusters
from simulations.experiments.clusters.film import filmed
from simulations.experiments.clusters.growth import growth_of_modes, growth_of_samples
from simulations.experiments.clusters.pairs import pair_life, pair_motion
from simulations.experiments.clusters.random_tokens import random_data
from simulations.store.quantities import Measurement, merged
from theory.claims.clusters import Parameters


def measure(parameters: Parameters, run) -> Measurement:
    """Growth first: that of the fastest mode is the headline."""
    parts = [
        growth_of_modes(parameters, run),
        growth_of_samples(parameters, run),
        pair_motion(),
        pair_life(run),
        chain_of_clusters(run),
        random_data(parameters, run),
    ]
    return merged(parts, filmed(parameters, run))
