"""Measures the claim `long_context`: how concentrated attention is over many keys."""

from __future__ import annotations

from simulations.experiments.long_context.critical import critical_scales
from simulations.experiments.long_context.phases import phases
from simulations.experiments.long_context.weights import weights_of_samples
from simulations.store.quantities import Measurement, merged
from theory.claims import long_context as claim


def measure(parameters: claim.Parameters, run) -> Measurement:
    """The sum of squared weights at given s (on S^2 first), then where it passes a half."""
    order = sorted(claim.DIMENSIONS, key=lambda d: d != claim.SPHERE)
    studies = (weights_of_samples, critical_scales)
    parts = [study(parameters, run, d) for study in studies for d in order]
    return merged(parts, phases(parameters, run))
