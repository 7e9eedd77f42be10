"""k-means and Gaussian mixtures: points attend to centres, and centres take the columns back."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.normalisations import received
from simulations.classical.pairs import pair_attention
from theory.setting.checks import InputError, finite_array, positive, whole
from theory.setting.pseudo_metrics import dot_product, squared_distance

COLD = 1e-30  # temperature at which all attention goes to the nearest centre
MOST_STEPS = 300


def kmeans(points, centres, n_steps: int = MOST_STEPS) -> tuple[np.ndarray, np.ndarray]:
    """Lloyd's algorithm from the given centres (k, D): the centre of each point (n,), and centres.

    Points attend to centres, f = |x - y|^2, eps -> 0; a centre becomes the column-normalised
    average of the points (Lloyd 1982). Until nothing changes, at most n_steps steps. Raises
    InputError where a centre loses all its points.
    """
    points = finite_array("points", points, (None, None))
    centres = finite_array("centres", centres, (None, points.shape[1]))
    labels = np.full(len(points), -1)
    for _ in range(whole("n_steps", n_steps, 1)):
        cold = AttentionOperator(points, squared_distance(1.0), COLD, keys=centres)
        before, labels = labels, np.rint(cold @ np.arange(len(centres))).astype(int)
        # its limit, in which a point is of one centre
        a = pair_attention(0 * labels, np.arange(len(points)), labels, cold.shape)
        centres = column_means(a, points)
        if np.array_equal(before, labels):
            break
    return labels, centres


def column_means(attention, values) -> np.ndarray:
    """sum_i a_ij v_i / sum_i a_ij: column-normalised attention of keys to queries, (k, c)."""
    total = received(attention)
    if not (total > 0).all():
        raise InputError(f"centres: number {int(np.argmin(total))} is nearest to no point")
    return attention.T @ values / total[:, None]


def mixture(points, means, variances, weights=None) -> AttentionOperator:
    """E-step: the probability that a point (n, D) is of component j is a_ij, an operator (n, k).

    means (k, D), weights (k,) of the components. variances: one number s^2 for all (soft k-means),
    f = |x - y|^2 at eps = 2 s^2; (k,), or covariance matrices (k, D, D): then f = -log of the
    density at eps = 1, a dot product of (x, x x^T) with the component's natural parameters and a
    key bias (Dempster, Laird and Rubin 1977).
    """
    points = finite_array("points", points, (None, None))
    means = finite_array("means", means, (None, points.shape[1]))
    k, dim = means.shape
    variances = np.asarray(variances, dtype=np.float64)
    if variances.ndim == 0:
        return AttentionOperator(
            points,
            squared_distance(1.0),
            2 * positive("variances", variances[()]),
            keys=means,
            weights=weights,
        )
    if variances.ndim == 1:
        variances = variances[:, None, None] * np.eye(dim)
    covariances = finite_array("variances", variances, (k, dim, dim))
    smallest = np.linalg.eigvalsh(covariances)[:, 0]
    if not (smallest > 0).all():
        raise InputError(f"variances: that of component {int(np.argmin(smallest))} is not positive")
    # about the middle: the products below then lose no digits to a distant origin
    middle = means.mean(axis=0)
    x, m, precisions = points - middle, means - middle, np.linalg.inv(covariances)
    pulled = np.einsum("kab,kb->ka", precisions, m)
    statistics = np.hstack([x, (x[:, :, None] * x[:, None, :]).reshape(len(x), -1)])
    natural = np.hstack([pulled, -precisions.reshape(k, -1) / 2])
    bias = -(m * pulled).sum(axis=1) / 2 - np.linalg.slogdet(covariances)[1] / 2
    return AttentionOperator(
        statistics, dot_product(), 1.0, keys=natural, key_bias=bias, weights=weights
    )


def mixture_step(points, attention) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """M-step: means (k, D), spherical variances (k,) and weights (k,) from an E-step (n, k).

    All are column-normalised attention of the components to the points.
    """
    points = finite_array("points", points, (attention.shape[0], None))
    means = column_means(attention, points)
    squares = column_means(attention, points**2)
    return means, (squares - means**2).mean(axis=1), received(attention) / len(points)
