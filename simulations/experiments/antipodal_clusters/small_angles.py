"""Rates at which two clusters leave each other and gather, for small steps and disturbances."""

from __future__ import annotations

import numpy as np

from simulations.experiments.antipodal_clusters.motion import (
    angle_between,
    moved,
    opening,
    two_clusters,
)
from simulations.statistics.limits import romberg_within
from simulations.store.quantities import Number
from theory.claims import antipodal_clusters as claim


def rates(parameters: claim.Parameters, run) -> dict[str, Number]:
    """Every rate from one time to another, extrapolated: step and disturbance halve together."""
    quantities = {}
    kinds = ((claim.escape, escaping, tuple(claim.ANGLES)), (claim.gathering, gathering,
             claim.GATHERING))  # fmt: skip
    for name, measured, angles in kinds:
        for matrix, diagonal in claim.matrices(parameters).items():
            for angle in angles:
                for normalisation in claim.NORMALISATIONS:
                    key = name(normalisation, matrix, angle)

                    def study(measured=measured, case=(diagonal, angle, normalisation)):
                        return {"rates": levels(measured, parameters, *case)}

                    values = run.remember(key, study)["rates"]
                    quantities[key] = Number(
                        romberg_within(values, rounding(parameters), "rounding of the angles")
                    )
    return quantities


def levels(measured, parameters: claim.Parameters, diagonal, angle, normalisation) -> np.ndarray:
    """The rate at every level, (levels,)."""
    found = []
    for k in range(parameters.n_levels):
        n_steps, start = claim.FIRST_STEPS * 2**k, claim.DISPLACED / 2**k

        def after(tokens, n_steps=n_steps):
            return moved(tokens, diagonal, normalisation, claim.TIME / n_steps, [n_steps])[0]

        found.append(measured(after, claim.ANGLES[angle], start, parameters.n_each))
    return np.array(found)


def escaping(after, angle: float, start: float, n: int) -> float:
    """Growth rate of the angle by which the clusters fail to be antipodal."""
    tokens = two_clusters(angle, np.full(n, start / 2), np.full(n, -start / 2))
    return float(np.log(opening(after(tokens)) / opening(tokens)) / claim.TIME)


def gathering(after, angle: float, start: float, n: int) -> float:
    """Rate at which two tokens of a cluster, on either side of the others, approach each other."""
    first = np.zeros(n)
    first[:2] = start / 2, -start / 2
    tokens = two_clusters(angle, first, np.zeros(n))

    def apart(x):
        return angle_between(x[0], x[1])

    return float(-np.log(apart(after(tokens)) / apart(tokens)) / claim.TIME)


def rounding(parameters: claim.Parameters) -> np.ndarray:
    """What rounding does to a rate at every level, (levels,).

    Every step rounds the angle by a few units in the last place of 1, at most 8 for the sums of two
    coordinates and the norm; a rate divides what they add up to by the disturbance and the time.
    """
    k = np.arange(parameters.n_levels)
    n_steps, start = claim.FIRST_STEPS * 2.0**k, claim.DISPLACED / 2.0**k
    return 8 * np.finfo(float).eps * n_steps / start / claim.TIME
