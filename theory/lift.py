"""Lifted attention at N = infinity, by quadrature in plain NumPy (docs/theory.md, "Lift").

The independent twin of what is measured: the integral over the circle is done in closed form,

int exp(-2 rho rho' (1 - cos s)/eps) ds = 2 pi exp(-z) I_0(z),  z = 2 rho rho'/eps

(Abramowitz and Stegun 1964, 9.6.16), and the rest is an integral over M.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import ive

from theory.population import least_squares
from theory.setting.checks import positive
from theory.setting.densities import Density
from theory.setting.geometry import generator_terms, values_of
from theory.setting.nodes import nodes_for
from theory.setting.quadrature import chart_quadrature


def lifted_response(
    p: Density, radius: Callable[[np.ndarray], np.ndarray], temperature: float, formulas, u
) -> np.ndarray:
    """(A - I)H at chart points u (n, d) of formulas on M, (n, c); tokens x ~ p^2 dV, s uniform.

    radius: rho of chart points. A does not depend on the angle of the query.
    """
    m, eps = p.manifold, positive("temperature", temperature)
    # exp(-r^2/eps) is the Gaussian kernel of a quarter of the temperature
    v, volume = chart_quadrature(m, [1 + 5 * n // 4 for n in nodes_for(m, eps / 4)], p.support)
    x, y = m.embed(u), m.embed(v)
    distance = ((x[:, None] - y) ** 2).sum(axis=2)
    circle = ive(0, 2 * np.outer(radius(u), radius(v)) / eps)
    weights = np.exp(-distance / eps) * circle * (volume * p(v) ** 2)
    values, own = (values_of(m, formulas, w) for w in (v, u))
    return weights @ values / weights.sum(axis=1, keepdims=True) - own


def lifted_clock_and_drift(p: Density, radius, temperature: float, formulas, u, mass):
    """(clock, drift coefficient) that the estimator of the measurements has at N = infinity.

    Least squares of (A - I)H on [Laplacian H, <grad log p, grad H>] over the points u (n, d) with
    masses (n,).
    """
    response = lifted_response(p, radius, temperature, formulas, u)
    terms = generator_terms(p, formulas)(u)
    clock, transport = least_squares(response, terms, mass)
    return float(clock), float(transport / clock)
