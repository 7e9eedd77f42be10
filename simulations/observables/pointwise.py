"""Drift and diffusion of attention at single points, through the coordinate functions."""

from __future__ import annotations

import numpy as np

from theory.setting.checks import finite_array, positive


def drift_and_diffusion(operator, points, keys, tau: float) -> tuple[np.ndarray, np.ndarray]:
    """((A - I) x/tau, shape (n, D), and [A(x x^T) - (A x)(A x)^T]/(2 tau), shape (n, D, D)) at the queries `points`.

    The second is the carre du champ of the coordinate functions, half the covariance of a step (docs/theory.md,
    "Learned metric"). points (n, D): the queries of `operator`; keys (m, D): its keys.
    """
    x, y = finite_array("points", points, (None, None)), finite_array("keys", keys, (None, None))
    dim = y.shape[1]
    products = (y[:, :, None] * y[:, None, :]).reshape(len(y), -1)
    means = operator @ np.hstack([y, products])
    mean, second = means[:, :dim], means[:, dim:].reshape(-1, dim, dim)
    covariance = second - mean[:, :, None] * mean[:, None, :]
    return (mean - x) / positive("tau", tau), covariance / (2 * tau)
