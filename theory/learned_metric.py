"""Attention under a learned pseudo-metric: the metric it induces, and the density with respect to that metric's volume.

docs/theory.md, "Learned metric". The generator itself is `theory.limits.generator` on the manifold with this metric.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import sympy as sp
from scipy.spatial.distance import pdist

from theory.checks import InputError, finite_array
from theory.densities import Density, density
from theory.manifolds import Manifold
from theory.quadrature import chart_quadrature

CUBIC_COEFFICIENT = -3.0
LEAST_STRETCH = 0.05


def with_metric(manifold: Manifold, metric) -> Manifold:
    """The same manifold, chart and embedding under another metric tensor, a (d, d) matrix of expressions."""
    return replace(manifold, closed_form_metric=sp.ImmutableMatrix(metric))


def pulled_back(manifold: Manifold, matrix) -> Manifold:
    """(M, g_theta) with g_theta = J^T W^T W J for f = |W (x - y)|^2/4; W (m, D) may lack rank as long as W M is still embedded.

    Raises InputError where g_theta is degenerate or W brings different points of M together.
    """
    w = finite_array("matrix", matrix, (None, manifold.ambient_dim))
    rank = int(np.linalg.matrix_rank(w))
    if manifold.closed and rank <= manifold.dim:
        raise InputError(f"matrix: got rank {rank} on {manifold.name}, expected at least {manifold.dim + 1}: no closed manifold of dimension d is immersed in R^d")
    if rank < manifold.ambient_dim:
        stretch = least_stretch(manifold, w)
        if stretch < LEAST_STRETCH:
            raise InputError(f"matrix: brings points of {manifold.name} together, |W (x - y)| = {stretch:.2g} |W| |x - y|; expected at least {LEAST_STRETCH:g}, so another W or a higher rank")
    wj = sp.Matrix(w) * manifold.jacobian_expression
    return with_metric(manifold, wj.T * wj)


def least_stretch(manifold: Manifold, matrix, n_points: int = 3600) -> float:
    """min |W (x - y)|/(|W| |x - y|) over all pairs of a grid on M: near 0 where W folds M or lets it cross itself."""
    count = int(n_points ** (1 / manifold.dim))
    x = manifold.embed(chart_quadrature(manifold, count)[0])
    return float((pdist(x @ matrix.T) / pdist(x)).min() / np.linalg.norm(matrix, 2))


def relative_density(p: Density, manifold: Manifold) -> Density:
    """p sqrt(det g/det g_theta): the tokens' density with respect to the volume of `manifold` = (M, g_theta)."""
    if manifold.symbols != p.manifold.symbols:
        raise InputError(f"manifold: got the chart {manifold.symbols}, expected that of the density, {p.manifold.symbols}")
    return density(manifold, p.expression * p.manifold.volume_expression / manifold.volume_expression)


def diffusion_tensor(manifold: Manifold) -> sp.ImmutableMatrix:
    """J g^-1 J^T, (D, D): |grad H|^2 of the coordinate functions by polarisation; the carre du champ must tend to it."""
    j = manifold.jacobian_expression
    return sp.ImmutableMatrix(j * manifold.inverse_metric_expression * j.T)


def key_weighted_cubic(manifold: Manifold, weight: str | sp.Expr) -> list:
    """C_a of f(x, y) = w(y) |x - y|^2: the symmetric part of dw (x) g/2, a nested list C[i][j][k] in the chart.

    C_a is the cubic part at y = x of (f(x, y) - f(y, x))/2 = |x-y|^2 (w(y) - w(x))/2.
    """
    w, u, g = manifold.expression("weight", weight), manifold.symbols, manifold.metric_expression
    dw, d = [sp.diff(w, s) for s in u], range(manifold.dim)
    return [[[(dw[i] * g[j, k] + dw[j] * g[i, k] + dw[k] * g[i, j]) / 6 for k in d] for j in d] for i in d]


def cubic_term(manifold: Manifold, cubic, formula: str | sp.Expr) -> sp.Expr:
    """<G^-1 : C_a, grad H>_G on (M, G): the term that CUBIC_COEFFICIENT multiplies in L for an asymmetric f."""
    h, u, inverse = manifold.expression("features", formula), manifold.symbols, manifold.inverse_metric_expression
    d = range(manifold.dim)
    contracted = [sum(inverse[i, j] * cubic[i][j][k] for i in d for j in d) for k in d]
    return sum(inverse[k, a] * contracted[k] * sp.diff(h, u[a]) for k in d for a in d)
