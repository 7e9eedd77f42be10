"""Measures the claim `gaussian_closure`: Gaussian tokens on quadrature nodes and in samples."""

from __future__ import annotations

from simulations.experiments.gaussian_closure.blow_up import blow_up
from simulations.experiments.gaussian_closure.on_nodes import covariances_on_nodes
from simulations.experiments.gaussian_closure.one_step import one_step
from simulations.experiments.gaussian_closure.samples import covariances_of_samples
from simulations.store.quantities import Measurement, merged
from theory.claims.gaussian_closure import Parameters


def measure(parameters: Parameters, run) -> Measurement:
    """The blow-up on the line first: it is the headline."""
    parts = [
        blow_up(parameters, run),
        one_step(),
        covariances_on_nodes(parameters, run),
        covariances_of_samples(parameters, run),
    ]
    return merged(parts)
