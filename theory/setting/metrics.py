"""Other metrics on the same manifold: the pull-back by a linear map, and a density with respect to
another volume.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy
import sympy as sp

from theory.setting.checks import InputError, finite_array
from theory.setting.densities import Density, derived_density
from theory.setting.manifolds import Manifold
from theory.setting.quadrature import chart_quadrature

LEAST_STRETCH = 0.05  # |W (x - y)| over |W| |x - y|: below, points of M nearly meet in the image


def with_metric(manifold: Manifold, metric) -> Manifold:
    """The same manifold, chart and embedding under another metric tensor, a (d, d) matrix of
    expressions.
    """
    return replace(manifold, closed_form_metric=sp.ImmutableMatrix(metric))


def pulled_back(manifold: Manifold, matrix) -> Manifold:
    """(M, g_theta) with g_theta = J^T W^T W J for f = |W (x - y)|^2/4; W (m, D) may lack rank as
    long as W M is still embedded.

    Raises InputError where g_theta is degenerate or W brings different points of M together.
    """
    w = finite_array("matrix", matrix, (None, manifold.ambient_dim))
    rank = int(np.linalg.matrix_rank(w))
    if manifold.closed and rank <= manifold.dim:
        raise InputError(
            f"matrix: got rank {rank} on {manifold.name}, expected at least {manifold.dim + 1}: no "
            "closed manifold of dimension d is immersed in R^d"
        )
    if rank < manifold.ambient_dim:
        stretch = least_stretch(manifold, w)
        if stretch < LEAST_STRETCH:
            raise InputError(
                f"matrix: brings points of {manifold.name} together, |W (x - y)| = {stretch:.2g} "
                f"|W| |x - y|; expected at least {LEAST_STRETCH:g}, so another W or a higher rank"
            )
    wj = sp.Matrix(w) * manifold.jacobian_expression
    return with_metric(manifold, wj.T * wj)


def least_stretch(manifold: Manifold, matrix, n_points: int = 3600) -> float:
    """min |W (x - y)|/(|W| |x - y|) over all pairs of a grid on M: near 0 where W folds M or lets
    it cross itself.
    """
    count = int(n_points ** (1 / manifold.dim))
    x = manifold.embed(chart_quadrature(manifold, count)[0])
    distances = scipy.spatial.distance.pdist
    return float((distances(x @ matrix.T) / distances(x)).min() / np.linalg.norm(matrix, 2))


def relative_density(p: Density, manifold: Manifold) -> Density:
    """p sqrt(det g/det g_theta): the tokens' density with respect to the volume of `manifold` = (M,
    g_theta).
    """
    if manifold.symbols != p.manifold.symbols:
        raise InputError(
            f"manifold: got the chart {manifold.symbols}, expected that of the density, "
            f"{p.manifold.symbols}"
        )
    return derived_density(
        manifold, p.expression * p.manifold.volume_expression / manifold.volume_expression
    )
