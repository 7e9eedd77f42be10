"""What attention does at a wall: the boundary layer, the equation inside, the length that eigenvalues
see.

Kernel f = |x-y|^2/4 throughout; u = x/sqrt(2 eps) is the depth in kernel widths, n the inward normal.
Source: docs/theory.md, "Walls". Nothing here knows the attention operator.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.integrate import quad
from scipy.linalg import eigh
from scipy.optimize import minimize_scalar
from scipy.special import eval_legendre, ndtr

from theory.setting.checks import InputError, finite_array, one_of, positive, real, whole
from theory.setting.densities import Density
from theory.setting.geometry import values_of
from theory.setting.quadrature import chart_quadrature

WALL_RATE = 2 / math.sqrt(math.pi)  # sqrt(tau) (A - I)H/tau over dH/dn at the wall
SHORTENING = 1 / math.sqrt(math.pi)  # length that an interval lacks at each end, over sqrt(eps)
WALLS = ("neumann", "dirichlet")


def layer(u) -> np.ndarray:
    """G = phi/Phi of the standard normal, in (A - I)H = sqrt(2 eps) G(u) dH/dn + O(eps) ("Walls")."""
    u = np.asarray(u, dtype=np.float64)
    return np.exp(-(u**2) / 2) / math.sqrt(2 * math.pi) / ndtr(u)


def flat_layer(u) -> np.ndarray:
    """u G(u): the error of (A - I)H/tau against L H in a layer where dH/dn = 0 at the wall, over
    d2H/dn2 there ("Walls")."""
    return np.asarray(u) * layer(u)


def flat_layer_height() -> float:
    """max over u of u G(u), about 0.295: what is left of the error in the sup norm as eps -> 0."""
    found = minimize_scalar(
        lambda u: -flat_layer(u), bounds=(0.1, 3.0), method="bounded", options={"xatol": 1e-10}
    )
    return -float(found.fun)


def flat_layer_norm(power: float) -> float:
    """int_0^inf (u G(u))^q du ("Walls").

    Where dH/dn = 0 the L^q(p) error of (A - I)H/tau tends to this times
    sqrt(2 eps) sum p |d2H/dn2|^q over the walls, all to the power 1/q: order 1/(2 q).
    """
    q = positive("power", power)
    return quad(lambda u: flat_layer(u) ** q, 0, 40, epsabs=0, epsrel=1e-11, limit=200)[0]


def interval_evolution(
    density: Density,
    formulas,
    time: float,
    u,
    wall: str = "neumann",
    power: float = 2.0,
    degree: int = 24,
) -> np.ndarray:
    """e^(T L) H of each formula at chart points u (n, 1) of an interval, shape (n, c) ("Walls").

    L H = p^-2 (p^2 H')' with dH/dn = 0 at both walls, or ("dirichlet", a rival) H = 0 there, by a
    Legendre-Galerkin method of the given degree. Another `power` of p is another drift. Raises
    InputError on another manifold.
    """
    m, degree = density.manifold, whole("degree", degree, 4)
    one_of("wall", wall, WALLS)
    if m.dim != 1 or m.axes[0].kind != "wall":
        raise InputError(f"manifold: got {m.name}, expected an interval")
    nodes, volume = chart_quadrature(m, 4 * degree)
    weight = volume * density(nodes) ** real("power", power)
    value, slope = _legendre(nodes[:, 0], m.axes[0], degree, wall)
    stiffness = slope.T @ (weight[:, None] * slope)
    rates, modes = eigh(stiffness, value.T @ (weight[:, None] * value))
    start = values_of(m, formulas, nodes)
    coefficients = modes.T @ (value.T @ (weight[:, None] * start))
    shown = _legendre(m.check_coordinates(u)[:, 0], m.axes[0], degree, wall)[0] @ modes
    return shown @ (np.exp(-rates * positive("time", time))[:, None] * coefficients)


def _legendre(u, axis, degree, wall):
    """Legendre polynomials on the axis, times (1 - z^2) where H = 0 at the walls, and their slopes,
    (n, degree + 1) each."""
    z = 2 * (finite_array("u", u, (None,)) - axis.low) / axis.length - 1
    orders = np.arange(degree + 1)
    value = eval_legendre(orders, z[:, None])
    slope = np.zeros_like(value)
    for k in orders[1:]:
        # P'_k = k P_{k-1} + z P'_{k-1}
        slope[:, k] = k * value[:, k - 1] + z * slope[:, k - 1]
    if wall == "dirichlet":
        bubble = (1 - z**2)[:, None]
        value, slope = bubble * value, bubble * slope - 2 * z[:, None] * value
    return value, slope * 2 / axis.length
