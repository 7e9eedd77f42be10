"""Measures the claim `equal_cosines`: the cosines that one step of attention leaves."""

from __future__ import annotations

from simulations.experiments.equal_cosines.few_tokens import at_size
from simulations.experiments.equal_cosines.many_tokens import limits
from simulations.store.quantities import Measurement, merged
from theory.claims.equal_cosines import Parameters


def measure(parameters: Parameters, run) -> Measurement:
    """Limits of many tokens first: that at the critical gamma is the headline."""
    return merged([limits(parameters, run), at_size(parameters, run)])
