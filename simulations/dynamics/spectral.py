"""Diffusion with drift solved by Galerkin's method in smooth functions: no grid, no differences.

d/dt int H B_j p^2 dV = -int <grad H, grad B_j> p^2 dV for every trial function B_j: Fourier modes
on closed curves and on torus-like surfaces, spherical harmonics on sphere-like ones. Where p, H and
the metric are analytic the error falls faster than any power of the degree (Boyd 2001, Chebyshev
and Fourier Spectral Methods, chapters 2 and 18).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, eigh
from scipy.special import sph_harm_y

from theory.setting.checks import InputError, positive
from theory.setting.densities import Density
from theory.setting.geometry import values_of
from theory.setting.manifolds import Manifold
from theory.setting.quadrature import chart_quadrature

ACCURACY = 1e-9  # of H, over its range: far below what grids are held against
DEGREES = {1: (16, 24, 32, 48, 64, 96, 128, 192), 2: (8, 12, 16, 20, 24, 28)}


@dataclass(frozen=True)
class SpectralSolution:
    """H (points, functions) at one time, its largest change by the last rise of the degree, and
    that degree."""

    values: np.ndarray
    change: float
    degree: int


def spectral_solution(p: Density, formulas, time: float, u) -> SpectralSolution:
    """H at chart points u (n, d) where dH/dt = p^-2 div(p^2 grad H), started from formulas.

    The degree is raised until H changes by less than 1e-9 of its range. Raises InputError on a
    manifold with walls or of more than two dimensions, and where the highest degree does not do or
    the density has too much contrast.
    """
    time = positive("time", time)
    degrees = DEGREES.get(p.manifold.dim, ())
    before = None
    for degree in degrees:
        values = galerkin(p, formulas, time, u, degree)
        if before is not None:
            change = float(np.abs(values - before).max())
            if change <= ACCURACY * np.ptp(values):
                return SpectralSolution(values, change, degree)
        before = values
    if before is None:
        raise InputError(f"manifold: got {p.manifold.name}, expected a closed curve or surface")
    raise InputError(
        f"density: degree {degrees[-1]} still changes the spectral solution on {p.manifold.name} "
        f"by {change:.2g}, expected a smoother density"
    )


def galerkin(p: Density, formulas, time: float, u, degree: int) -> np.ndarray:
    """H (n, c) at chart points u (n, d) and one time, from trial functions up to `degree`."""
    m = p.manifold
    nodes, volume = chart_quadrature(m, tuple(3 * degree + 12 + k for k in range(m.dim)))
    weight = volume * p(nodes) ** 2
    trial, slopes = trial_functions(m, nodes, degree)
    mass = trial.T @ (weight[:, None] * trial)
    stiffness = np.zeros_like(mass)
    inverse = m.inverse_metric(nodes)
    for a, along in enumerate(slopes):
        flux = sum(inverse[:, a, b, None] * other for b, other in enumerate(slopes))
        stiffness += along.T @ (weight[:, None] * flux)
    try:
        rates, modes = eigh(stiffness, mass)
    except LinAlgError:
        raise InputError(
            f"density: it varies by too many orders of magnitude on {m.name} for trial functions of "
            f"degree {degree}, expected less contrast"
        ) from None
    start = values_of(m, formulas, nodes)
    coefficients = modes.T @ (trial.T @ (weight[:, None] * start))
    shown, _ = trial_functions(m, m.check_coordinates(u), degree)
    return shown @ modes @ (np.exp(-rates * time)[:, None] * coefficients)


def trial_functions(m: Manifold, u, degree: int):
    """Smooth functions on M at chart points u (n, d): values (n, k), and d arrays of derivatives.

    Raises InputError unless all axes are periodic, or one runs from pole to pole.
    """
    kinds = [axis.kind for axis in m.axes]
    if set(kinds) == {"periodic"} and m.dim <= 2:
        return _fourier(m, u, degree)
    if kinds == ["pole", "periodic"]:
        return _harmonics(m, u, degree)
    raise InputError(f"manifold: got {m.name}, expected a closed curve or surface")


def _fourier(m, u, degree):
    """Products over the axes of 1, cos(k x), sin(k x) with k up to the degree."""
    values, slopes = np.ones((len(u), 1)), []
    for axis, coordinate in zip(m.axes, u.T, strict=True):
        rate = 2 * np.pi / axis.length * np.arange(1, degree + 1)
        phase = (coordinate[:, None] - axis.low) * rate
        one = np.ones((len(u), 1))
        here = np.hstack([one, np.cos(phase), np.sin(phase)])
        slope = np.hstack([0 * one, -rate * np.sin(phase), rate * np.cos(phase)])
        slopes = [_products(s, here) for s in slopes] + [_products(values, slope)]
        values = _products(values, here)
    return values, slopes


def _products(first, second):
    """All products of a column of each, (n, k l)."""
    return (first[:, :, None] * second[:, None, :]).reshape(len(first), -1)


def _harmonics(m, u, degree):
    """Real spherical harmonics of colatitude and longitude, scaled from the ends of the axes."""
    pole, turn = m.axes
    theta = np.pi * (u[:, 0] - pole.low) / pole.length
    phi = 2 * np.pi * (u[:, 1] - turn.low) / turn.length
    scales = (1.0, np.pi / pole.length, 2 * np.pi / turn.length)
    columns = []
    for n in range(degree + 1):
        for order in range(n + 1):
            y, dy = sph_harm_y(n, order, theta, phi, diff_n=1)
            parts = [y, dy[:, 0], dy[:, 1]]
            columns.append([part.real for part in parts])
            if order:
                columns.append([part.imag for part in parts])
    values, *slopes = (s * np.stack([c[k] for c in columns], axis=1) for k, s in enumerate(scales))
    return values, slopes
