"""Measures the claim `linear_attention`: attention as the temperature grows, and in samples."""

from __future__ import annotations

from simulations.experiments.linear_attention.samples import sampled_response
from simulations.experiments.linear_attention.series import series
from simulations.store.quantities import Measurement
from theory.claims.linear_attention import Parameters


def measure(parameters: Parameters, run) -> Measurement:
    """Differences in 1/T over a few tokens (the headline), and the response of samples."""
    return Measurement(series(parameters, run) | sampled_response(parameters, run))
