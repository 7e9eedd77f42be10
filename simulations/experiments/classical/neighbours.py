"""k-nearest-neighbour regression and classification."""

from __future__ import annotations

import numpy as np

from simulations.classical import k_nearest
from simulations.experiments.classical.values import measured
from simulations.store.quantities import Measurement
from theory.claims import classical as claim


def neighbours(parameters: claim.Parameters) -> Measurement:
    keys, queries = parameters.halves("diabetes")
    k, by_distance = claim.N_NEIGHBOURS, claim.weight_of_distance

    def answer(k, weights):
        return k_nearest(keys.points, keys.target, queries.points, k, weights)

    return measured(
        {
            claim.UNIFORM: (answer(k, "uniform"), answer(k + 1, "uniform")),
            claim.DISTANCE: (answer(k, "distance"), answer(k, lambda r: np.exp(-r))),
            claim.CALLABLE: (answer(k, by_distance), answer(k, "uniform")),
            claim.CLASSES: tuple(classes(parameters, count) for count in (k, 1)),
        }
    )


def classes(parameters: claim.Parameters, k: int) -> np.ndarray:
    """The class of each query, that of the largest share."""
    keys, queries = parameters.halves("digits")
    one_hot = keys.target[:, None] == np.arange(keys.target.max() + 1)
    shares = k_nearest(keys.points, one_hot, queries.points, k, "distance")
    return shares.argmax(axis=1)
