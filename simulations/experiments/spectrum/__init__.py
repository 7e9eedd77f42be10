"""Measures the claim `spectrum`: eigenvalues of samples, their limit on nodes, closed forms."""

from __future__ import annotations

from simulations.experiments.spectrum.closed_forms import exact_eigenvalues
from simulations.experiments.spectrum.limits import extrapolated, rates_on_nodes
from simulations.experiments.spectrum.samples import curve_samples, sphere_samples
from simulations.store.quantities import Measurement, merged
from theory.claims.spectrum import Parameters


def measure(parameters: Parameters, run) -> Measurement:
    """Samples (the headline), the limit of zero temperature, identities at any temperature."""
    nodes = run.remember("nodes", lambda: rates_on_nodes(parameters, run))
    parts = [
        sphere_samples(parameters, run, nodes["sphere"]),
        curve_samples(parameters, run),
        extrapolated(nodes, parameters.temperatures()),
        exact_eigenvalues(parameters),
    ]
    return merged(parts, {f"{name} nodes": levels for name, levels in nodes.items()})
