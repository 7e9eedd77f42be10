"""The intrinsic dimension of points, by two published estimators.

Both take the points near one of them for a uniform sample of a flat space of that dimension.
"""

from __future__ import annotations

import numpy as np

from theory.setting.checks import InputError, finite_array, fits, whole

KEPT = 0.9  # of the ratios, the smallest: the largest are furthest from that assumption
NEIGHBOURS = 20
LEAST = 10  # points
PAIR_BYTES = 32  # of distances, and of their sorted copies
SAME = 1e-6  # of the largest coordinate: nearer points are one, seen twice


def distinct(points) -> np.ndarray:
    """The place of one point of every group that coincides, (m,) of points (n, D)."""
    x = finite_array("points", points, (None, None))
    grid = np.round(x / (SAME * max(np.abs(x).max(initial=0), 1e-300)))
    return np.sort(np.unique(grid, axis=0, return_index=True)[1])


def neighbour_distances(points, count: int) -> np.ndarray:
    """Distances (n, count) of points (n, D) to their nearest others, increasing.

    Raises InputError for points too few, or that coincide.
    """
    x = finite_array("points", points, (None, None))
    whole("count", count, 2)
    if len(x) < max(LEAST, count + 1):
        raise InputError(f"points: got {len(x)}, expected at least {max(LEAST, count + 1)}")
    fits("points", len(x) ** 2, PAIR_BYTES, len(x))
    x = x - x.mean(axis=0)
    squares = (x**2).sum(axis=1)
    apart = np.maximum(squares[:, None] + squares - 2 * x @ x.T, 0.0)
    np.fill_diagonal(apart, np.inf)
    near = np.sqrt(np.sort(np.partition(apart, count - 1, axis=1)[:, :count], axis=1))
    if not (near[:, 0] > 0).all():
        raise InputError("points: some coincide, expected distinct ones")
    return near


def two_nearest(distances) -> float:
    """TwoNN (Facco et al. 2017): the ratio m of the second distance to the first has P(m > t) = t^-d.

    The slope of -log(1 - F) on log m through 0, F the empirical law of the smallest KEPT ratios.
    """
    ratios = np.sort(distances[:, 1] / distances[:, 0])
    n = len(ratios)
    kept = int(KEPT * n)
    x, y = np.log(ratios[:kept]), -np.log1p(-np.arange(1, kept + 1) / n)
    return float(x @ y / (x @ x))


def maximum_likelihood(distances) -> float:
    """Levina and Bickel 2004, with the correction of MacKay and Ghahramani 2005.

    One over the mean of log(T_k/T_j), j < k, over neighbours and points alike: inverses are averaged
    over the points, not estimates.
    """
    logs = np.log(distances[:, -1:] / distances[:, :-1])
    return float(1 / logs.mean())


def dimensions(points) -> dict[str, float]:
    """Both estimates of distinct points (n, D)."""
    near = neighbour_distances(points, min(NEIGHBOURS, len(points) - 1))
    return {"two_nearest": two_nearest(near), "maximum_likelihood": maximum_likelihood(near)}
