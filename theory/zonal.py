"""Evolution of features that depend on the height t = x1 alone, on the unit sphere S^d.

With the density p proportional to exp(b t) and features h(t), L = Laplacian + c <grad log p, grad .>
is L h = w^-1 d/dt(w (1 - t^2) dh/dt), w = (1 - t^2)^((d-2)/2) exp(c b t): |grad t|^2 = 1 - t^2 and
Laplacian t = -d t (docs/theory.md, "The rate in the largest norm").
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.polynomial import legendre
from scipy.linalg import eigh
from scipy.special import roots_jacobi

from theory.setting.checks import positive, whole

DEGREE = 40  # of the polynomials: at T = 0.05 the next would have decayed to exp(-80)
NODES = 4 * DEGREE


@dataclass(frozen=True)
class Zonal:
    """A function of the height as a series in Legendre's polynomials, coefficients (degree + 1,)."""

    coefficients: np.ndarray

    def __call__(self, t) -> np.ndarray:
        return legendre.legval(np.asarray(t, dtype=np.float64), self.coefficients)


def zonal_evolution(
    dim: int, tilt: float, drift_coefficient: float, time: float, features, cuts=()
) -> Zonal:
    """exp(TL) h on S^d as a function of the height, by Galerkin's method in polynomials.

    tilt: b in p proportional to exp(b t); features: h, a function of t (n,), smooth between `cuts`,
    the heights at which it may jump. L is self-adjoint in L^2(w dt): with mass int P_i P_j w and
    stiffness int (1 - t^2) P_i' P_j' w its eigenfunctions decay by exp(-rate T).
    """
    time, exponent = positive("time", time), drift_coefficient * tilt
    t, weight = _nodes(whole("dim", dim, 1), exponent, -1.0, 1.0)
    values, slopes = _polynomials(t)
    mass = values.T @ (weight[:, None] * values)
    stiffness = slopes.T @ ((weight * (1 - t**2))[:, None] * slopes)
    rates, modes = eigh(stiffness, mass)
    ends, start = [-1.0, *cuts, 1.0], np.zeros(DEGREE + 1)
    for low, high in pairwise(ends):
        t, weight = _nodes(dim, exponent, low, high)
        start += _polynomials(t)[0].T @ (weight * features(t))
    return Zonal(modes @ (np.exp(-rates * time) * (modes.T @ start)))


def _nodes(dim, exponent, low, high):
    """Nodes t and weights of int f(t) w(t) dt from low to high, by Gauss and Jacobi: the factor that
    is singular at an end of the chart belongs to the rule, the other is smooth."""
    power = (dim - 2) / 2
    right, left = (power if end else 0.0 for end in (high == 1.0, low == -1.0))
    s, weight = roots_jacobi(NODES, right, left)
    half = (high - low) / 2
    t = low + half * (1 + s)
    above, below = half * (1 - s), half * (1 + s)  # distances to the ends, without cancellation
    weight = weight * half ** (1 + right + left)
    weight = weight * (above + 1 - high) ** (power - right) * (below + low + 1) ** (power - left)
    return t, weight * np.exp(exponent * t)


def _polynomials(t):
    """Legendre's polynomials up to DEGREE at t (n,), and their derivatives, (n, DEGREE + 1) each."""
    derivatives = legendre.legder(np.eye(DEGREE + 1), axis=0)
    return legendre.legvander(t, DEGREE), legendre.legvander(t, DEGREE - 1) @ derivatives
