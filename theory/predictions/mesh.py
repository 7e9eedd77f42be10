"""Predictions of the claim `mesh`: the cotangent Laplacian, and the equation that it makes."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from theory.claims import mesh as claim
from theory.cotangent import drift_diffusion, generator_moments, vertex_areas
from theory.limits import DRIFT_COEFFICIENT
from theory.mesh_family import mesh_family
from theory.predictions import Member, Prediction, Value, off_by_tenth

NEUTRAL = (0.0, 0.8)  # no drift, and a clock of its own


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """Drift 2 and clock eps, of the generator and of the evolved features; of uniform tokens the
    clock alone."""
    families = {claim.moments: of_moments(parameters), claim.evolved: of_evolved(parameters)}
    named = {name(claim.SAMPLES): family for name, family in families.items()}
    return {name: _member(parameters, name, family) for name, family in named.items()}


def _member(parameters, name, family):
    right = DRIFT_COEFFICIENT
    drift = Value(right, off_by_tenth(right, **{"no drift": 0.0, "drift 1": right / 2}))
    clock = Value(1.0, off_by_tenth(1.0))
    if parameters.drifts:
        return Member(family, NEUTRAL, {claim.drift(name): drift, claim.clock(name): clock})
    return Member(lambda c, u: family((0.0, *c), u), NEUTRAL[1:], {claim.clock(name): clock})


def of_moments(parameters: claim.Parameters):
    """clock (Laplacian + drift <grad log p, grad>), tested: (tests, features)."""
    surface = parameters.surface()
    functions = claim.at("features", claim.MOMENTS, surface.vertices)
    p = parameters.density_at(surface.vertices)
    p = p / (p @ vertex_areas(surface))
    diffusion, drift = generator_moments(surface, p, functions, functions)
    return lambda c, u: c[1] * (diffusion + c[0] * drift)


def of_evolved(parameters: claim.Parameters):
    """The solution with (drift coefficient, factor of the time) at the probes, (n, 1)."""
    return _family(parameters)


@lru_cache(maxsize=2)
def _family(parameters):
    surface = parameters.surface()
    x = surface.vertices
    p, h = parameters.density_at(x), parameters.features_at(x)
    return mesh_family(surface, p, h, parameters.time, parameters.probes())


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """H at time 0 and the solutions at all vertices, with drift and without."""
    x = parameters.surface().vertices
    p, h = parameters.density_at(x), parameters.features_at(x)
    found = {"density": p, "start": h}
    for name, drift in (("with drift", DRIFT_COEFFICIENT), ("without drift", 0.0)):
        equation = drift_diffusion(parameters.surface(), p, drift)
        found[name] = equation.evolve(h, [parameters.time])[0]
    return found
