"""The limit equation as a heat equation under a new metric, and the lift that does it everywhere.

Sections are those of docs/theory.md: "Conformal metric", "Two dimensions", "Lift". Nothing here
knows the attention operator.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from scipy.integrate import cumulative_trapezoid

from theory.pde import Grid, Operator, conservative_operator, integrate_to_tolerance
from theory.setting.checks import InputError, positive, real
from theory.setting.densities import Density
from theory.setting.geometry import generator_terms, gradient_product, laplacian
from theory.setting.manifolds import Manifold, times_circle
from theory.setting.quadrature import chart_quadrature

_VOLUME_NODES = 48
_LENGTH_NODES = 4000
# cells of the fine grid an axis, and how far its solution in time may err, relative to its range
_CELLS = {1: 512, 2: 64, 3: 32}
_CELLS_OF_CIRCLE = 4  # of the lift's circle, along which nothing varies
_TOLERANCE = 1e-7


# --- conformal metric ---


def conformal_exponent(dim: int) -> float:
    """a = 4/(d-2) in gbar = p^a g ("Conformal metric"); raises InputError in d = 2."""
    if dim == 2:
        raise InputError(
            "dim: got 2, expected another dimension: in d = 2 no metric turns the limit into a "
            "heat equation"
        )
    return 4.0 / (dim - 2)


def conformal_family(p: Density, formulas) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """((a, m, c), u (n, d)) -> c p^-m Laplacian_gbar H at u, (n, features), gbar = p^a g.

    By the conformal change of the Laplacian (Besse 1987, theorem 1.159),
    Laplacian_gbar H = p^-a (Laplacian_g H + (d-2)/2 a <grad log p, grad H>). p is taken in units of
    the uniform density: with m != -a the unit matters for c alone.
    """
    terms, dim, total = generator_terms(p, list(formulas)), p.manifold.dim, total_volume(p)

    def family(coefficients, u):
        a, m, c = coefficients
        plain, drift = terms(u)
        power = (p(u) * total) ** -(a + m)
        return c * power[:, None] * (plain + (dim - 2) / 2 * a * drift)

    return family


def conformal_operator(
    grid: Grid, p: Density, exponent: float | None = None, capacity_exponent: float | None = None
) -> Operator:
    """p^-m Laplacian_gbar with gbar = p^a g by finite volumes ("Conformal metric").

    exponent: a, by default 4/(d-2). capacity_exponent: m in the heat capacity p^m, by default -a;
    m = 0 is unit capacity. p is taken in units of the uniform density 1/vol(M).
    """
    m, d = grid.manifold, grid.manifold.dim
    a = conformal_exponent(d) if exponent is None else real("exponent", exponent)
    heat = -a if capacity_exponent is None else real("capacity_exponent", capacity_exponent)
    total = total_volume(p)

    def relative(u):
        return p(u) * total

    def new_volume(u):
        return relative(u) ** (a * d / 2) * m.volume(u)

    def new_inverse(u):
        return m.inverse_metric(u) / (relative(u) ** a)[:, None, None]

    return conservative_operator(
        grid, new_volume, new_inverse, lambda u: relative(u) ** heat * new_volume(u)
    )


@cache
def conformal_solution(p: Density, formula, time: float, exponent=None, capacity_exponent=None):
    """u (n, d) -> H at `time` of p^m dH/dt = Laplacian_gbar H from a formula, shape (n, 1).

    Finite volumes on two grids, extrapolated; exponents as of `conformal_operator`.
    """
    cells = (_CELLS[p.manifold.dim],) * p.manifold.dim

    def equation(grid):
        return conformal_operator(grid, p, exponent, capacity_exponent)

    return _extrapolated(equation, p.manifold, cells, p.manifold.function(formula), time)


def new_lengths(p: Density, t, exponent: float | None = None) -> np.ndarray:
    """Length of a curve from its chart's start to t (n,), under gbar = p^a g; of a = 0 under g.

    In units in which the whole curve is as long as under g ("Conformal metric"). Raises InputError
    on a manifold that is no closed curve.
    """
    m = p.manifold
    if m.dim != 1 or not m.closed:
        raise InputError(f"manifold: got {m.name}, expected a closed curve")
    a = conformal_exponent(1) if exponent is None else real("exponent", exponent)
    axis = m.axes[0]
    fine = np.linspace(axis.low, axis.low + axis.length, _LENGTH_NODES + 1)
    speed = p(fine[:, None]) ** (a / 2) * m.volume(fine[:, None])
    total = cumulative_trapezoid(speed, fine, initial=0.0)
    return np.interp(t, fine, total) * total_volume(p) / total[-1]


# --- two dimensions ---


def tangential_share(p: Density, drift: float = 2.0, nodes: int = 128) -> float:
    """min over functions w of ||L X - w Laplacian X||^2/||L X||^2 ("Two dimensions").

    X are the coordinates of the embedding: Laplacian X is the mean curvature vector, normal to M,
    and L X - Laplacian X = b = drift grad log p is tangential, so the best w is 1 and the share
    <|b|^2>/(<|Laplacian X|^2> + <|b|^2>), with means over tokens, p dV.
    """
    m = p.manifold
    u, volume = chart_quadrature(m, nodes, p.support)
    mass = volume * p(u)
    log_p = p.log_expression
    tangential = drift**2 * (mass @ m.function(gradient_product(m, log_p, log_p))(u))
    curvature = sum(laplacian(m, x) ** 2 for x in m.embedding)
    normal = mass @ m.function(curvature)(u)
    return float(tangential / (normal + tangential))


# --- lift ---


def lifted_profile(p: Density, t, steepest: float = 0.9) -> tuple[np.ndarray, np.ndarray]:
    """(height, radius), (n,) each, of the surface of revolution that is isometric to M x S^1.

    Of a closed curve M with ghat = g + p^4 ds^2, cut open at t[0] and followed once round to t[-1]:
    radius rho = kappa p^2, and heights with dz^2 + drho^2 = g, which exist where |drho| <= g^(1/2)
    dt. kappa, free as it only scales s, is such that the slope reaches `steepest` < 1. Raises
    InputError on a manifold that is no closed curve.
    """
    m = p.manifold
    if m.dim != 1 or not m.closed:
        raise InputError(f"manifold: got {m.name}, expected a closed curve")
    fine = np.linspace(t[0], t[-1], _LENGTH_NODES + 1)
    u = wrapped(m, fine)
    speed, square = m.volume(u), p(u) ** 2
    slope = np.gradient(square, fine) / speed
    kappa = steepest / np.abs(slope).max()
    heights = cumulative_trapezoid(np.sqrt(1 - (kappa * slope) ** 2) * speed, fine, initial=0.0)
    return np.interp(t, fine, heights), kappa * np.interp(t, fine, square)


def wrapped(m: Manifold, t) -> np.ndarray:
    """Chart points (n, 1) of a closed curve at parameters t (n,) that may go on beyond its chart."""
    axis = m.axes[0]
    return (axis.low + (np.asarray(t) - axis.low) % axis.length)[:, None]


def lifted_operator(grid: Grid, p: Density, exponent: float = 4.0) -> Operator:
    """Laplacian of ghat = g + p^4 ds^2 by finite volumes, with unit heat capacity ("Lift").

    grid: on `times_circle(p.manifold)`; another exponent than 4 is another metric. Raises
    InputError on a grid with other axes.
    """
    m, e = p.manifold, real("exponent", exponent)
    if grid.manifold.axes[:-1] != m.axes:
        raise InputError(
            f"grid: got one on {grid.manifold.name}, expected the axes of {m.name} and s, "
            f"as times_circle gives them"
        )
    # the unit of p only scales s: that of the uniform density keeps numbers near 1
    total = total_volume(p)

    def relative(u):
        return p(u[:, :-1]) * total

    def volume(u):
        return relative(u) ** (e / 2) * m.volume(u[:, :-1])

    def inverse(u):
        out = np.zeros((len(u), m.dim + 1, m.dim + 1))
        out[:, :-1, :-1] = m.inverse_metric(u[:, :-1])
        out[:, -1, -1] = relative(u) ** -e
        return out

    return conservative_operator(grid, volume, inverse)


@cache
def lifted_solution(p: Density, formula, time: float, exponent: float = 4.0):
    """u (n, d) -> H at `time` of the heat equation of g + p^e ds^2 on M x S^1, shape (n, 1).

    From a formula on M, so that nothing varies along s. Only for d = 1 and 2.
    """
    raised = times_circle(p.manifold)
    cells = (_CELLS[p.manifold.dim],) * p.manifold.dim + (_CELLS_OF_CIRCLE,)
    on_base = p.manifold.function(formula)
    solution = _extrapolated(
        lambda grid: lifted_operator(grid, p, exponent),
        raised,
        cells,
        lambda u: on_base(u[:, :-1]),
        time,
    )
    return lambda u: solution(np.column_stack([u, np.zeros(len(u))]))


# --- shared ---


def total_volume(p: Density) -> float:
    """vol(M), so that p vol(M) is the density in units of the uniform one."""
    return float(chart_quadrature(p.manifold, _VOLUME_NODES, p.support)[1].sum())


def _extrapolated(equation, manifold: Manifold, cells, initial, time):
    """The solution of an equation on two grids, extrapolated to spacing 0, at chart points."""
    time = positive("time", time)
    # nothing varies along an axis with as few cells as a grid may have
    grids = [Grid(manifold, tuple(max(4, n // k) for n in cells)) for k in (1, 2)]
    fine, coarse = (
        integrate_to_tolerance(equation(grid), grid.sample(initial), [time], _TOLERANCE)[0]
        for grid in grids
    )

    def solution(u):
        f, c = grids[0].interpolate(fine, u), grids[1].interpolate(coarse, u)
        return (f + (f - c) / 3)[:, None]

    return solution
