"""Measures the claim `neighbour_rate`: attention to the k nearest of many tokens, and of infinitely
many."""

from __future__ import annotations

from simulations.experiments.neighbour_rate.samples import sampled
from simulations.experiments.neighbour_rate.windows import biases
from simulations.store.quantities import Measurement, merged
from theory.claims.neighbour_rate import DIMENSIONS, Parameters


def measure(parameters: Parameters, run) -> Measurement:
    """How the bias falls in the radius (the headline), (A - I)H over the clock among i.i.d. tokens."""
    parts = [biases(parameters, run, d) for d in DIMENSIONS]
    return merged(parts + [sampled(parameters, run, d) for d in DIMENSIONS])
