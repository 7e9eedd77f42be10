"""Measures the claim `transport`: attention at fixed queries as eps -> 0, and its spread in samples."""

from __future__ import annotations

from simulations.experiments.transport.levels import (
    degenerate_minimum,
    general_score,
    random_head,
    two_minima,
)
from simulations.experiments.transport.samples import key_spread
from simulations.store.quantities import Measurement
from theory.claims.transport import Parameters


def measure(parameters: Parameters, run) -> Measurement:
    """A dot product on the sphere (the headline), a general score, special minima, samples."""
    studies = (random_head, general_score, two_minima, degenerate_minimum, key_spread)
    quantities = {}
    for study in studies:
        quantities |= study(parameters, run)
    return Measurement(quantities)
