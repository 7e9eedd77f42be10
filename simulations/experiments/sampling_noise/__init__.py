"""Measures the claim `sampling_noise`: noise, clock and best temperature of i.i.d. tokens."""

from __future__ import annotations

from simulations.experiments.sampling_noise.best_temperature import best_of_samples, best_on_nodes
from simulations.experiments.sampling_noise.clock import (
    clocks_of_samples,
    clocks_on_nodes,
    diagonal,
)
from simulations.experiments.sampling_noise.variance import noise_in_the_limit, noise_of_samples
from simulations.store.quantities import Measurement, merged
from theory.claims import sampling_noise as claim

STUDIES = (
    noise_of_samples,
    noise_in_the_limit,
    clocks_of_samples,
    clocks_on_nodes,
    best_of_samples,
    best_on_nodes,
)


def measure(parameters: claim.Parameters, run) -> Measurement:
    """The variance of A H(x) (the headline), the clock of a sample, the best temperature."""
    parts = [study(parameters, run, d) for study in STUDIES for d in claim.DIMENSIONS]
    return merged([*parts, Measurement(diagonal(parameters))])
