"""The limit equation as a heat equation under a new metric, and how far two dimensions are from having one.

Sections are those of docs/theory.md: "Conformal metric", "Two dimensions", "Lift". Nothing here knows the attention operator.
"""

from __future__ import annotations

import numpy as np
import sympy as sp

from theory.setting.checks import InputError, positive, real
from theory.setting.densities import Density
from theory.setting.geometry import gradient_product
from theory.setting.manifolds import Manifold
from theory.pde import Grid, Operator, conservative_operator
from theory.setting.quadrature import chart_quadrature


def conformal_exponent(dim: int) -> float:
    """a = 4/(d-2) in gbar = p^a g; raises InputError in d = 2, where there is none ("Conformal metric")."""
    if dim == 2:
        raise InputError("dim: got 2, expected another dimension: in d = 2 no metric turns the limit into a heat equation")
    return 4.0 / (dim - 2)


def conformal_operator(grid: Grid, density: Density, exponent: float | None = None, capacity_exponent: float | None = None) -> Operator:
    """p^-m Laplacian_gbar with gbar = p^a g by finite volumes ("Conformal metric").

    exponent: a, by default 4/(d-2). capacity_exponent: m in the heat capacity p^m, by default -a; m = 0 is unit capacity.
    p is taken in units of the uniform density 1/vol(M): only with m != -a does the unit matter, for the time scale.
    """
    m, d = grid.manifold, grid.manifold.dim
    a = conformal_exponent(d) if exponent is None else real("exponent", exponent)
    heat = -a if capacity_exponent is None else real("capacity_exponent", capacity_exponent)

    total_volume = chart_quadrature(m, 48, density.support)[1].sum()

    def p(u):
        return density(u) * total_volume

    def new_volume(u):
        return p(u) ** (a * d / 2) * m.volume(u)

    def new_inverse(u):
        return m.inverse_metric(u) / (p(u) ** a)[:, None, None]

    return conservative_operator(grid, new_volume, new_inverse, lambda u: p(u) ** heat * new_volume(u))


def conformal_laplacian(density: Density, formula: str | sp.Expr, exponent: float | None = None) -> sp.Expr:
    """Laplacian_gbar H for gbar = p^a g, from its definition, as an expression in the chart symbols ("Conformal metric")."""
    m = density.manifold
    a = sp.nsimplify(conformal_exponent(m.dim) if exponent is None else exponent)
    p = density.expression / density.total
    return weighted_laplacian(m.symbols, p**a * m.metric_expression, formula if isinstance(formula, sp.Expr) else m.expression("features", formula))


def lifted_laplacian(density: Density, formula: str | sp.Expr, exponent: float = 4) -> sp.Expr:
    """Laplacian of ghat = g + p^4 ds^2 on M x S^1 for H that does not depend on s ("Lift"); another exponent is a control."""
    m = density.manifold
    p, s = density.expression / density.total, sp.Symbol("s", real=True)
    metric = sp.diag(sp.Matrix(m.metric_expression), p ** sp.nsimplify(exponent))
    return weighted_laplacian((*m.symbols, s), metric, formula if isinstance(formula, sp.Expr) else m.expression("features", formula))


def weighted_laplacian(symbols, metric, h: sp.Expr) -> sp.Expr:
    """(det g)^(-1/2) d_a ((det g)^(1/2) g^ab d_b H) for any metric, an expression in the chart symbols."""
    metric = sp.Matrix(metric)
    root, inverse = sp.sqrt(metric.det()), metric.inv()
    flux = [root * sum(inverse[a, b] * sp.diff(h, symbols[b]) for b in range(len(symbols))) for a in range(len(symbols))]
    return sum(sp.diff(flux[a], symbols[a]) for a in range(len(symbols))) / root


def lifted_operator(grid: Grid, density: Density, exponent: float = 4.0) -> Operator:
    """Laplacian of ghat = g + p^4 ds^2 by finite volumes, with unit heat capacity ("Lift").

    grid: on `times_circle(density.manifold)`. Raises InputError if it has other axes.
    """
    m, e = density.manifold, real("exponent", exponent)
    if grid.manifold.axes[:-1] != m.axes:
        raise InputError(f"grid: got one on {grid.manifold.name}, expected the axes of {m.name} and s, as times_circle gives them")

    # the unit of p only scales s: that of the uniform density keeps numbers near 1
    total_volume = chart_quadrature(m, 48, density.support)[1].sum()

    def p(u):
        return density(u[:, :-1]) * total_volume

    def volume(u):
        return p(u) ** (e / 2) * m.volume(u[:, :-1])

    def inverse(u):
        out = np.zeros((len(u), m.dim + 1, m.dim + 1))
        out[:, :-1, :-1] = m.inverse_metric(u[:, :-1])
        out[:, -1, -1] = p(u) ** -e
        return out

    return conservative_operator(grid, volume, inverse)


def surface_features(m: Manifold) -> tuple[tuple[sp.Expr, ...], float]:
    """H_k with sum_k (Laplacian H_k) grad H_k = 0, and q = sum_k (Laplacian H_k)^2 ("Two dimensions").

    Cosine and sine of each angle of a flat torus, q = d; the three coordinates of a unit sphere, q = 4. Raises InputError elsewhere.
    """
    if m.name.startswith("flat_torus"):
        return m.embedding, float(m.dim)
    if m.name == "sphere" and float(m.metric_expression[0]) == 1.0:
        return m.embedding, 4.0
    raise InputError(f"manifold: got {m.name}, expected a flat torus or the unit sphere, whose test functions are known")


def conformal_residual(density: Density, nodes: int = 128) -> float:
    """min over every function w of ||L H - w Laplacian H||^2/||L H||^2 = <|b|^2>/(q + <|b|^2>), b = 2 grad log p ("Two dimensions").

    The mean <.> is over tokens, p dV; H are the `surface_features`.
    """
    m = density.manifold
    q = surface_features(m)[1]
    u, w = chart_quadrature(m, nodes, density.support)
    squared = m.function(4 * gradient_product(m, density.log_expression, density.log_expression))(u)
    b2 = float(w @ (density(u) * squared))
    return b2 / (q + b2)


def lift_clock(temperature: float) -> float:
    """eps/4: the clock of f = |x - y|^2 + rho(x) rho(y) 2 (1 - cos(s - t)) ("Lift")."""
    return positive("temperature", temperature) / 4


LIFT_CONTROLS = {"query": 4.0, "key": 0.0, "density": 0.0}
"""Drift coefficients of three wrong lifts: the factor rho^2 of the query alone, of the key alone, tokens x of density p ("Lift")."""
