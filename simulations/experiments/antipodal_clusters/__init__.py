"""Measures the claim `antipodal_clusters`: rates of what disturbs two clusters on a circle."""

from __future__ import annotations

from simulations.experiments.antipodal_clusters.life import long_run
from simulations.experiments.antipodal_clusters.small_angles import rates
from simulations.store.quantities import Measurement
from theory.claims.antipodal_clusters import Parameters


def measure(parameters: Parameters, run) -> Measurement:
    """Rates of escape first, of softmax the headline; one long run is for the figure."""
    return Measurement(rates(parameters, run), long_run(parameters, run))
