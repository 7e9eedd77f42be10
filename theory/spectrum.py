"""Spectra without closed forms: of L on a curve of any density, and of attention at N = infinity."""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh, eigvalsh

from theory.population import population
from theory.setting.checks import InputError, real, whole
from theory.setting.densities import Density
from theory.setting.manifolds import Axis
from theory.setting.pseudo_metrics import GAUSSIAN, PseudoMetric
from theory.setting.quadrature import chart_quadrature


def population_spectrum(
    p: Density,
    temperature: float,
    count: int,
    pseudo_metric: PseudoMetric = GAUSSIAN,
    alpha: float = 0.0,
) -> np.ndarray:
    """The `count` largest eigenvalues of attention at N = infinity, decreasing, from 1.

    Of the symmetric matrix sqrt(m_i m_j/(d_i d_j)) k_ij, with k = exp(-f/eps), the masses m of
    p dV and the degrees d = k m, which is similar to attention ("Spectra"). alpha: k is first
    divided by the alpha-th powers of both degrees, which leaves the drift 2 (1 - alpha).
    """
    tokens = population(p, temperature, pseudo_metric)
    kernel = np.exp(-pseudo_metric(tokens.x, tokens.x) / tokens.temperature)
    columns = (kernel @ tokens.mass) ** -real("alpha", alpha)
    kernel *= columns[:, None] * columns
    root = np.sqrt(tokens.mass / (kernel @ tokens.mass))
    values = eigvalsh(root[:, None] * kernel * root)
    return values[::-1][: whole("count", count, 1)]


def curve_spectrum(
    density: Density, count: int, power: float = 2.0, modes: int = 48
) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues of -L H = -p^-2 div(p^2 grad H) on a closed curve, by a Fourier-Galerkin method.

    Returns (count,), increasing from 0, and eigenfunctions as coefficients (2 modes + 1, count) on
    the basis of `fourier_basis`, orthonormal in L^2(p^2 dV). Another `power` of p gives the
    generator of another normalisation ("Drift-diffusion limit"). Raises InputError unless the
    manifold is a closed curve.
    """
    m, power = density.manifold, real("power", power)
    if m.dim != 1 or m.axes[0].kind != "periodic":
        raise InputError(f"curve_spectrum: got the manifold {m.name}, expected a closed curve")
    u, volume = chart_quadrature(m, 8 * whole("modes", modes, 2))
    weight = volume * density(u) ** power
    basis, slope = fourier_basis(m.axes[0], u, modes)
    stiffness = slope.T @ ((weight * m.inverse_metric(u)[:, 0, 0])[:, None] * slope)
    mass = basis.T @ (weight[:, None] * basis)
    values, vectors = eigh(stiffness, mass)
    return values[: whole("count", count, 1)], vectors[:, :count]


def fourier_basis(axis: Axis, u, modes: int) -> tuple[np.ndarray, np.ndarray]:
    """1, cos k t, sin k t (k = 1..modes) of a periodic axis at u (n, 1), and their derivatives.

    Each (n, 2 modes + 1).
    """
    k = 2 * np.pi / axis.length * np.arange(1, modes + 1)
    phase = (u - axis.low) * k
    values = np.hstack([np.ones((len(u), 1)), np.cos(phase), np.sin(phase)])
    slopes = np.hstack([np.zeros((len(u), 1)), -k * np.sin(phase), k * np.cos(phase)])
    return values, slopes
