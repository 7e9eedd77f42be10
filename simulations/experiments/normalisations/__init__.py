"""Measures the claim `normalisations`: drifts and clocks, the k nearest, what holds exactly."""

from __future__ import annotations

from simulations.experiments.normalisations.convolution import convolution_moments
from simulations.experiments.normalisations.crossovers import between
from simulations.experiments.normalisations.drift import drifts_and_clocks
from simulations.experiments.normalisations.identities import exact_identities
from simulations.experiments.normalisations.nearest import nearest_clocks, ring_clocks
from simulations.experiments.normalisations.received import received_attention
from simulations.store.quantities import Measurement, merged
from theory.claims.normalisations import Parameters


def measure(parameters: Parameters, run) -> Measurement:
    """The drift of every normalisation first, that of doubly normalised attention the headline."""
    parts = [
        drifts_and_clocks(parameters, run),
        nearest_clocks(parameters, run),
        ring_clocks(),
        convolution_moments(),
        received_attention(parameters),
        exact_identities(parameters),
        between(parameters, run),
    ]
    return merged(parts)
