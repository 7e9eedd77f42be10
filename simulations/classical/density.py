"""Kernel density and kernel regression: the log-partition of attention, and attention itself."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from theory.setting.checks import InputError, finite_array, positive
from theory.setting.pseudo_metrics import mahalanobis, squared_distance


def kernel_density(points, bandwidth: float, queries=None, weights=None, **engine) -> np.ndarray:
    """Log density at the queries (n, D), by default the points, of Gaussians of width h at the
    points (m, D): shape (n,).

    f = |x - y|^2, eps = 2 h^2; the density is the partition function over its integral (Parzen
    1962). weights: (m,) non-negative. engine: options of `AttentionOperator` such as tolerance.
    """
    h, points = positive("bandwidth", bandwidth), finite_array("points", points, (None, None))
    queries = points if queries is None else queries
    a = AttentionOperator(
        queries, squared_distance(1.0), 2 * h**2, keys=points, weights=weights, **engine
    )
    return (
        a.log_partition - np.log(a.weights.sum()) - points.shape[1] / 2 * np.log(2 * np.pi * h**2)
    )


def nadaraya_watson(points, values, bandwidths, queries=None, **engine) -> np.ndarray:
    """Kernel regression of values (m,) or (m, c) of the points (m, D) at the queries (n, D), by
    default the points.

    f = sum_a ((x_a - y_a)/h_a)^2 with a bandwidth a coordinate, (D,); eps = 2 (Nadaraya 1964,
    Watson 1964). engine: options of `AttentionOperator`.
    """
    points = finite_array("points", points, (None, None))
    h = finite_array("bandwidths", bandwidths, (points.shape[1],))
    if not (h > 0).all():
        raise InputError(f"bandwidths: the smallest is {h.min():g}, expected all > 0")
    f = mahalanobis(np.diag(1 / h), 1.0)
    queries = points if queries is None else queries
    return AttentionOperator(queries, f, 2.0, keys=points, **engine) @ values
