"""What the first eigenfunctions of the diffusion keep of a function."""

from __future__ import annotations

import numpy as np

from theory.exact import sphere_multiplicities
from theory.setting.checks import InputError, whole
from theory.setting.densities import Density, density
from theory.setting.geometry import values_of
from theory.setting.manifolds import manifold
from theory.setting.quadrature import chart_quadrature
from theory.spectrum import curve_spectrum, fourier_basis

MODES = 48  # of the eigenfunctions on a curve
SPHERE_NODES = 48  # an axis: the functions are smooth


def curve_projection(p: Density, formulas, count: int, power: float, u) -> np.ndarray:
    """Formulas projected on the first `count` eigenfunctions of p^-power div(p^power grad), (n, c).

    Orthogonally in L^2(p^power dV), read at chart points u (n, 1) of a closed curve; eigenfunctions
    by Galerkin's method ("Spectra").
    """
    m = p.manifold
    coefficients = curve_spectrum(p, count, power, MODES)[1]
    nodes, volume = chart_quadrature(m, 8 * MODES)
    at_nodes = fourier_basis(m.axes[0], nodes, MODES)[0] @ coefficients
    weight = volume * p(nodes) ** power
    inner = at_nodes.T @ (weight[:, None] * values_of(m, formulas, nodes))
    return fourier_basis(m.axes[0], m.check_coordinates(u), MODES)[0] @ coefficients @ inner


def sphere_projection(formulas, count: int, u) -> np.ndarray:
    """Formulas projected on the harmonics of degree 0 and 1 of the unit sphere, (n, c).

    count: 1 or 4 functions; E H + 3 sum_a x_a E[x_a H], since E[x_a x_b] = delta_ab/3. Raises
    InputError for another number.
    """
    m = density(manifold("sphere")).manifold
    if whole("count", count, 1) not in np.cumsum(sphere_multiplicities(2, 2)):
        raise InputError(f"count: got {count} harmonics, expected 1 or 4")
    nodes, volume = chart_quadrature(m, SPHERE_NODES)
    mass, values = volume / volume.sum(), values_of(m, formulas, nodes)
    mean = mass @ values
    kept = np.broadcast_to(mean, (len(u), len(mean)))
    if count == 1:
        return kept
    inner = m.embed(nodes).T @ (mass[:, None] * values)
    return kept + 3 * m.embed(m.check_coordinates(u)) @ inner
