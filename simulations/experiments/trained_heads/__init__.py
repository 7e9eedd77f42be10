"""Measures the claim `trained_heads`: maps that are exact, and shares over sentences."""

from __future__ import annotations

from simulations.experiments.trained_heads.clock import least_clock
from simulations.experiments.trained_heads.exact import exact_kernels
from simulations.experiments.trained_heads.shares import share_numbers
from simulations.experiments.trained_heads.texts import texts_of_heads
from simulations.store.quantities import Measurement, merged
from theory.claims import trained_heads as claim


def measure(parameters: claim.Parameters, run) -> Measurement:
    """The headline first: medians over the heads, then identities."""
    found = texts_of_heads(parameters, run)
    return merged([share_numbers(found, parameters), least_clock(found), exact_kernels(parameters)])
