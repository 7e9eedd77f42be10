"""Predictions of the claim `over_smoothing`."""

from __future__ import annotations

import math

import numpy as np

from theory.claims import over_smoothing as claim
from theory.exact import sphere_eigenvalues, sphere_laplacian_eigenvalues
from theory.over_smoothing import collapse_depth, collapse_time
from theory.predictions import Prediction, Value, off_by_tenth

# rivals: what the depth would be if this part of the layer were overlooked
OVERLOOKED = {claim.RESIDUAL: "residual ignored", claim.HEADS: "one head of three"}


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """Depths as eps -> 0, on the sphere and for any density on the circle, and at one eps."""
    sphere = math.log(1 / parameters.factor) / sphere_laplacian_eigenvalues(2, 1.0, 2)[1]
    circle = collapse_time(*of_curve(parameters))
    drift_1 = collapse_time(*of_curve(parameters), power=1.0)
    found = {}
    for place, time, wrong in (("sphere", sphere, {}), ("circle", circle, {"drift 1": drift_1})):
        for layer in claim.LAYERS:
            value, rivals = time / clock(layer), off_by_tenth(time / clock(layer))
            if layer in OVERLOOKED:
                rivals[OVERLOOKED[layer]] = time
            rivals |= {name: other / clock(layer) for name, other in wrong.items()}
            found[claim.limit(place, layer)] = Value(value, rivals)
    for layer in claim.LAYERS:
        depth = collapse_depth(decay(layer, parameters.temperature), parameters.factor)
        # lambda_1 tau is the decay of the limit only
        limit = sphere / clock(layer) / parameters.temperature
        found[claim.at_temperature(layer)] = Value(depth, {"its limit": limit}, "identity")
    return found


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """The decay of the spread a layer, for each kind, at the temperature of the samples."""
    return {"decay": np.array([decay(layer, parameters.temperature) for layer in claim.LAYERS])}


def of_curve(parameters):
    p = parameters.curve_density()
    return p, p.manifold.embedding[0], parameters.factor


def clock(layer: str) -> float:
    """Diffusion time of a layer over eps: the mean over its heads, times the share of attention."""
    heads, share = claim.LAYERS[layer]
    return share * float(np.mean(heads))


def decay(layer: str, temperature: float) -> float:
    """The eigenvalue of a layer on the coordinate functions of the uniform unit sphere."""
    heads, share = claim.LAYERS[layer]
    mu = [sphere_eigenvalues(2, 1.0, 2 * factor * temperature, 2)[1] for factor in heads]
    return 1 - share + share * float(np.mean(mu))
