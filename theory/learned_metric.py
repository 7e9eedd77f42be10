"""Attention under a learned pseudo-metric: the metric it induces, and the density with respect to that metric's volume.

docs/theory.md, "Learned metric". The generator itself is `theory.limits.generator` on the manifold with this metric.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import sympy as sp
from scipy.spatial.distance import pdist

from theory.setting.checks import InputError, finite_array
from theory.setting.densities import Density, density
from theory.setting.manifolds import Manifold
from theory.setting.quadrature import chart_quadrature

CUBIC_COEFFICIENT = -3.0


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
