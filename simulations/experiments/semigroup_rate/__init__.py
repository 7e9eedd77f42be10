"""Measures the claim `semigroup_rate`: A^k H at tokens and off them, over sizes tied to steps."""

from __future__ import annotations

from simulations.experiments.semigroup_rate.samples import features_of_samples
from simulations.experiments.semigroup_rate.sinkhorn import sinkhorn_stopped
from simulations.store.quantities import Measurement, merged
from theory.claims.semigroup_rate import DIMENSIONS, Parameters


def measure(parameters: Parameters, run) -> Measurement:
    """A^k H of softmax and of doubly normalised attention in d = 1, 2, 3, then Sinkhorn's."""
    parts = [features_of_samples(parameters, d, run) for d in DIMENSIONS]
    return merged([*parts, sinkhorn_stopped(parameters, run)])
