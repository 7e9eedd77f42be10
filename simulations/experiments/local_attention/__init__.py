"""Measures the claim `local_attention`: windows that shrink, samples, the edge of a window."""

from __future__ import annotations

from simulations.experiments.local_attention.edge import window_edge
from simulations.experiments.local_attention.limit import window_limit
from simulations.experiments.local_attention.samples import sampled_drift
from simulations.store.quantities import Measurement
from theory.claims.local_attention import Parameters


def measure(parameters: Parameters, run) -> Measurement:
    """The limits on nodes that fill each window (the headline), then samples and the edge."""
    quantities, arrays = {}, {}
    for case in parameters.cases():
        for study in (window_limit(case, run), sampled_drift(case, run)):
            quantities |= study.quantities
            arrays |= study.arrays
    return Measurement(quantities | window_edge(), arrays)
