"""One long run of two clusters that are not quite antipodal, until they have met."""

from __future__ import annotations

import numpy as np

from simulations.experiments.antipodal_clusters.motion import moved, opening, two_clusters
from theory.claims import antipodal_clusters as claim


def long_run(parameters: claim.Parameters, run) -> dict[str, np.ndarray]:
    """The opening angle of both normalisations, one step in LIFE_SEEN, clusters of one token."""

    def study():
        return {name: followed(parameters, name) for name in claim.NORMALISATIONS}

    return {f"life_{name}": angles for name, angles in run.remember("life", study).items()}


def followed(parameters: claim.Parameters, normalisation: str) -> np.ndarray:
    """The angle from antipodal, (kept steps,): pi where the clusters have met."""
    half = claim.LIFE_START / 2
    tokens = two_clusters(claim.ANGLES["pi/5"], [half], [-half])
    steps = range(0, claim.LIFE_STEPS + 1, claim.LIFE_SEEN)
    share = claim.LIFE_TIME / claim.LIFE_STEPS
    return opening(moved(tokens, (parameters.a, parameters.b), normalisation, share, steps))
