"""Measures the claim `moving_tokens`: the velocity of tokens, the density that they carry along,
and the two motions known in closed form."""

from __future__ import annotations

from simulations.experiments.moving_tokens.density import density_of_marked, flat_circle
from simulations.experiments.moving_tokens.drift_field import drift_fields
from simulations.experiments.moving_tokens.gaussian import gaussian_tokens
from simulations.experiments.moving_tokens.spheres import shrinking_samples, shrinking_spheres
from simulations.experiments.moving_tokens.velocity import velocity_of_samples, velocity_on_nodes
from simulations.store.quantities import Measurement, merged
from theory.claims.moving_tokens import Parameters, has_fourier_chart


def measure(parameters: Parameters, run) -> Measurement:
    """The velocity first: its drift coefficient on the first manifold is the headline."""
    parts = []
    for k, name in enumerate(parameters.manifolds):
        parts.append(velocity_on_nodes(parameters, name, run))
        parts.append(velocity_of_samples(parameters, name, k, run))
        if has_fourier_chart(parameters.tokens_density(name).manifold):
            parts.append(density_of_marked(parameters, name, run))
    parts += [
        flat_circle(),
        shrinking_spheres(run),
        shrinking_samples(parameters, run),
        gaussian_tokens(parameters, run),
    ]
    return merged(parts, drift_fields(run))
