"""Attention under a learned pseudo-metric: its diffusion tensor, and the cubic term without symmetry.

docs/theory.md, "Learned metric". The metric itself and the density by its volume are setting
(theory/setting/metrics.py); the generator is `theory.limits.generator` under that metric.
"""

from __future__ import annotations

import sympy as sp

from theory.setting.manifolds import Manifold

CUBIC_COEFFICIENT = -3.0


def diffusion_tensor(manifold: Manifold) -> sp.ImmutableMatrix:
    """J g^-1 J^T, (D, D): <grad x_i, grad x_j>_g, to which the carre du champ must tend."""
    j = manifold.jacobian_expression
    return sp.ImmutableMatrix(j * manifold.inverse_metric_expression * j.T)


def key_weighted_cubic(manifold: Manifold, weight: str | sp.Expr) -> list:
    """C_a of f(x, y) = w(y) |x - y|^2 in the chart, a nested list C[i][j][k].

    C_a is the cubic part at y = x of (f(x, y) - f(y, x))/2 = |x-y|^2 (w(y) - w(x))/2: the symmetric
    part of dw (x) g/2.
    """
    w, u, g = manifold.expression("weight", weight), manifold.symbols, manifold.metric_expression
    dw, d = [sp.diff(w, s) for s in u], range(manifold.dim)

    def entry(i, j, k):
        return (dw[i] * g[j, k] + dw[j] * g[i, k] + dw[k] * g[i, j]) / 6

    return [[[entry(i, j, k) for k in d] for j in d] for i in d]


def cubic_term(manifold: Manifold, cubic, formula: str | sp.Expr) -> sp.Expr:
    """<G^-1 : C_a, grad H>_G on (M, G), which CUBIC_COEFFICIENT multiplies in L."""
    h, u = manifold.expression("features", formula), manifold.symbols
    inverse, d = manifold.inverse_metric_expression, range(manifold.dim)
    contracted = [sum(inverse[i, j] * cubic[i][j][k] for i in d for j in d) for k in d]
    return sum(inverse[k, a] * contracted[k] * sp.diff(h, u[a]) for k in d for a in d)
