"""Measures the claim `local_attention`: windows that shrink, samples, the edge of a window."""

from __future__ import annotations

from simulations.experiments.local_attention.edge import window_edge
from simulations.experiments.local_attention.limit import window_limit
from simulations.experiments.local_attention.samples import sampled_drift
from simulations.store.quantities import Measurement, merged
from theory.claims.local_attention import Parameters


def measure(parameters: Parameters, run) -> Measurement:
    """The limits on nodes that fill each window (the headline), then samples and the edge."""
    parts = []
    for case in parameters.cases():
        parts += [window_limit(case, run), sampled_drift(case, run)]
    return merged([*parts, Measurement(window_edge())])
