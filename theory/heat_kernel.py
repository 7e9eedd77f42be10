"""Transition densities of the diffusion with generator L = Laplacian + c <grad log p, grad .>.

By Galerkin's method with spherical harmonics or Fourier modes (docs/theory.md, "Evolution"): L is
self-adjoint in L^2(p^c dV), so with its eigenfunctions phi_k there and the rates lambda_k

q_T(x, y) = p(y)^c sum_k exp(-lambda_k T) phi_k(x) phi_k(y)

is the density of exp(TL) with respect to dV (Grigor'yan 2009, theorem 10.13). With c = 0 it is the
heat kernel of (M, g), whatever p.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh

from theory.setting.checks import InputError, positive
from theory.setting.densities import Density
from theory.setting.manifolds import Manifold
from theory.setting.quadrature import chart_quadrature
from theory.spectral import harmonics, is_unit_sphere

DECAY = 10.0  # modes are kept up to a decay of exp(-10), and a band more, that of the density
BAND = 4


def has_modes(m: Manifold) -> bool:
    """Whether `transition_density` knows modes: the unit sphere, closed curves and surfaces."""
    return m.dim <= 2 and (is_unit_sphere(m) or all(a.kind == "periodic" for a in m.axes))


def transition_density(p: Density, time: float, x, u, drift_coefficient: float = 2.0) -> np.ndarray:
    """q_T(x, y) per unit of volume at chart points u (n, d), from x (1, d), shape (n,).

    Raises InputError on a manifold without known modes (`has_modes`).
    """
    m, time = p.manifold, positive("time", time)
    if not has_modes(m):
        raise InputError(f"manifold: got {m.name}, expected the unit sphere or periodic axes")
    degrees = _degrees(m, time)
    nodes, volume = chart_quadrature(m, [3 * k + 13 for k in degrees])
    values, slopes = _modes(m, nodes, degrees)
    weight, inverse = volume * p(nodes) ** drift_coefficient, m.inverse_metric(nodes)
    mass = values.T @ (weight[:, None] * values)
    stiffness = sum(
        slopes[a].T @ ((weight * inverse[:, a, b])[:, None] * slopes[b])
        for a in range(m.dim)
        for b in range(m.dim)
        if np.any(inverse[:, a, b])
    )
    rates, functions = eigh(stiffness, mass)
    at_x, at_u = (_modes(m, m.check_coordinates(v), degrees)[0] @ functions for v in (x, u))
    return p(u) ** drift_coefficient * (at_u @ (np.exp(-rates * time) * at_x[0]))


def _degrees(m, time):
    """The largest mode along each axis, from the longest circle along it."""
    u, _ = chart_quadrature(m, 32)
    longest = np.sqrt(np.diagonal(m.metric(u), axis1=1, axis2=2).max(axis=0))
    turns = [axis.length / (2 * np.pi) if axis.kind == "periodic" else 1.0 for axis in m.axes]
    highest = np.sqrt(DECAY / time) * longest * turns
    return [int(np.ceil(k)) + BAND for k in highest]


def _modes(m, u, degrees):
    """Values (n, k) of the modes and their derivatives along each axis."""
    if is_unit_sphere(m):
        value, *slopes = harmonics(u, max(degrees))
        return value, slopes
    waves = [
        _waves(axis, u[:, a], k) for a, (axis, k) in enumerate(zip(m.axes, degrees, strict=True))
    ]
    value = _products([v for v, _ in waves])
    slopes = [
        _products([slope if a == b else v for b, (v, slope) in enumerate(waves)])
        for a in range(m.dim)
    ]
    return value, slopes


def _waves(axis, t, degree):
    """1, cos and sin up to a degree along a closed axis, and their derivatives: (n, 2 k + 1)."""
    k = np.arange(1, degree + 1)
    unit = 2 * np.pi / axis.length
    phase = unit * (t[:, None] - axis.low) * k
    cosine, sine = np.cos(phase), np.sin(phase)
    value = np.hstack([np.ones((len(t), 1)), cosine, sine])
    return value, np.hstack([np.zeros((len(t), 1)), -unit * k * sine, unit * k * cosine])


def _products(factors):
    product = factors[0]
    for more in factors[1:]:
        product = (product[:, :, None] * more[:, None, :]).reshape(len(product), -1)
    return product
