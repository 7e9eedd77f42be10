"""A second oracle for dH/dt = L H that shares nothing with the finite differences: Fourier and
spherical harmonics.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh, expm
from scipy.special import sph_harm_y

from theory.setting.checks import InputError, finite_array, whole
from theory.setting.densities import Density
from theory.setting.geometry import values_of
from theory.setting.manifolds import Manifold
from theory.setting.quadrature import chart_quadrature


def fourier_evolution(
    density: Density, initial, times, u, *, nodes: int = 101, drift_coefficient: float = 2.0
) -> np.ndarray:
    """H at the times (t,) and chart points u (n, 1) of a closed curve, by Fourier collocation.

    initial: a formula, which gives (t, n), or a list of c formulas, which gives (t, n, c). nodes:
    an odd number, so that the highest mode has a derivative. L = w^-1 D (w/g) D with w = p^c
    sqrt(g). Raises InputError on another manifold or an even number (docs/theory.md, "Evolution").
    """
    m, nodes = density.manifold, whole("nodes", nodes, 5)
    if m.dim != 1 or m.axes[0].kind != "periodic":
        raise InputError(f"manifold: got {m.name}, expected a closed curve")
    if nodes % 2 == 0:
        raise InputError(f"nodes: got {nodes}, expected an odd number")
    axis = m.axes[0]
    grid = axis.low + axis.length * np.arange(nodes)[:, None] / nodes
    derivative = fourier_derivative(nodes, axis.length)
    w = density(grid) ** drift_coefficient * m.volume(grid)
    generator = (derivative / w[:, None]) @ (
        (w * m.inverse_metric(grid)[:, 0, 0])[:, None] * derivative
    )
    start = _columns(m, initial, grid)
    modes = np.arange(-(nodes // 2), nodes // 2 + 1)
    phase = 2j * np.pi / axis.length * (m.check_coordinates(u)[:, 0, None] - axis.low) * modes
    waves, out = np.exp(phase), []
    for t in finite_array("times", times, (None,)):
        spectrum = np.fft.fft(expm(t * generator) @ start, axis=0)
        out.append((waves @ np.fft.fftshift(spectrum, axes=0) / nodes).real)
    return _as_asked(np.array(out), initial)


def fourier_derivative(nodes: int, length: float) -> np.ndarray:
    """d/du (n, n) on an odd number of even nodes of a period (Trefethen 2000, chapter 3)."""
    lag = np.arange(nodes)[:, None] - np.arange(nodes)
    with np.errstate(divide="ignore", invalid="ignore"):
        entries = 0.5 * (-1.0) ** lag / np.sin(np.pi * lag / nodes)
    return 2 * np.pi / length * np.where(lag == 0, 0.0, entries)


def harmonic_evolution(
    density: Density, initial, times, u, *, degree: int = 16, drift_coefficient: float = 2.0
) -> np.ndarray:
    """H at the times (t,) and chart points u (n, 2) of a sphere of radius 1, by spherical
    harmonics.

    initial: a formula, which gives (t, n), or a list of c formulas, which gives (t, n, c). Galerkin
    in the weight p^c: mass int Y_i Y_j p^c, stiffness int <grad Y_i, grad Y_j> p^c (docs/theory.md,
    "Evolution"). Raises InputError on another manifold.
    """
    m, degree = density.manifold, whole("degree", degree, 1)
    if not is_unit_sphere(m):
        raise InputError(f"manifold: got {m.name}, expected sphere(radius=1)")
    nodes, w = chart_quadrature(m, (3 * degree + 12, 3 * degree + 13))
    weight = w * density(nodes) ** drift_coefficient
    value, slope_theta, slope_phi = harmonics(nodes, degree)
    slope_phi = slope_phi / np.sin(nodes[:, :1])
    mass = value.T @ (weight[:, None] * value)
    stiffness = sum(s.T @ (weight[:, None] * s) for s in (slope_theta, slope_phi))
    rates, modes = eigh(stiffness, mass)
    start = modes.T @ (value.T @ (weight[:, None] * _columns(m, initial, nodes)))
    shown = harmonics(m.check_coordinates(u), degree)[0] @ modes
    decay = np.exp(-rates * finite_array("times", times, (None,))[:, None])
    return _as_asked(np.array([shown @ (d[:, None] * start) for d in decay]), initial)


def is_unit_sphere(m: Manifold) -> bool:
    """Whether a manifold is the built-in sphere of radius 1."""
    return m.name == "sphere" and abs(m.volume(np.array([[np.pi / 2, 0.0]]))[0] - 1) <= 1e-12


def _columns(m, initial, u):
    """Values (n, c) of one or several formulas."""
    formulas = initial if isinstance(initial, list | tuple) else [initial]
    return values_of(m, formulas, u)


def _as_asked(values, initial):
    return values if isinstance(initial, list | tuple) else values[..., 0]


def harmonics(u, degree):
    """Real spherical harmonics up to `degree` and their derivatives in theta and phi, (n, (degree +
    1)^2) each.
    """
    columns = []
    for n in range(degree + 1):
        for order in range(n + 1):
            y, dy = sph_harm_y(n, order, u[:, 0], u[:, 1], diff_n=1)
            columns.append([y.real, dy[:, 0].real, dy[:, 1].real])
            if order:
                columns.append([y.imag, dy[:, 0].imag, dy[:, 1].imag])
    return [np.stack([c[k] for c in columns], axis=1) for k in range(3)]
