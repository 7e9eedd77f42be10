"""Measures the claim `universality`: many scores with one declared clock.

At N = infinity their features evolve side by side; on tokens that attend to themselves their
coefficients are fitted. Where the leading clock fails: a cubic term, and a dot product off the
sphere.
"""

from __future__ import annotations

from simulations.experiments.universality.ellipse import off_the_sphere
from simulations.experiments.universality.levels import attended_levels, evolutions, next_terms
from simulations.experiments.universality.samples import coefficients
from simulations.store.quantities import Measurement, merged
from theory.claims.universality import Parameters


def measure(parameters: Parameters, run) -> Measurement:
    """Coefficients (the headline), evolved features and constants on each manifold; the ellipse."""
    parts = []
    for index, manifold in enumerate(parameters.manifolds):
        levels = run.remember(
            f"{manifold} levels", lambda m=manifold: attended_levels(parameters, m, run)
        )
        parts += [
            coefficients(parameters, manifold, index, levels, run),
            evolutions(parameters, manifold, levels),
            next_terms(parameters, manifold, levels),
        ]
    return merged([*parts, Measurement(off_the_sphere())])
