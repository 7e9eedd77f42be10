"""k-nearest-neighbour regression and classification: attention to the k nearest keys."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.spatial import cKDTree

from simulations.classical.pairs import pair_attention
from theory.setting.checks import InputError, finite_array, whole

SAME_PLACE = np.finfo(np.float64).tiny  # a distance of 0: such a key takes all the attention


def k_nearest(points, values, queries, k: int, weights: str | Callable = "uniform") -> np.ndarray:
    """The answer (n,) or (n, c) at the queries (n, D) from values (m,) or (m, c) of points (m, D).

    f = 0 ("uniform"), log r ("distance", weights 1/r) or -log w(r) (a function of distances (n, k)
    to weights) at eps = 1, over the k nearest keys (Fix and Hodges 1951; Dudani 1976). With one-hot
    values it gives the share of every class.
    """
    points = finite_array("points", points, (None, None))
    queries = finite_array("queries", queries, (None, points.shape[1]))
    values = np.asarray(values)
    values = finite_array("values", values, (len(points), *(None,) * (values.ndim == 2)))
    if whole("k", k, 1) > len(points):
        raise InputError(f"k: got {k} neighbours among {len(points)} points, expected at most all")
    distance, found = cKDTree(points).query(queries, np.arange(1, k + 1))
    f = scores(distance, weights)
    asking = np.repeat(np.arange(len(queries)), k)
    shape = (len(queries), len(points))
    return pair_attention(-f.ravel(), asking, found.ravel(), shape) @ values


def scores(distance, weights) -> np.ndarray:
    """f of every distance, by the name of the weights or their function."""
    if callable(weights):
        w = finite_array("weights", weights(distance), distance.shape)
        if not (w >= 0).all():
            raise InputError(f"weights: the smallest is {w.min():g}, expected none < 0")
        with np.errstate(divide="ignore"):
            return -np.log(w)
    if weights == "uniform":
        return np.zeros_like(distance)
    if weights == "distance":
        return np.log(np.maximum(distance, SAME_PLACE))
    raise InputError(f"weights: got {weights!r}, expected 'uniform', 'distance' or a function")
