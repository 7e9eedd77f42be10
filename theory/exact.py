"""Closed forms at any temperature: spectra of attention, its stationary law, the depth at which features collapse.

Sources are the sections of docs/theory.md named in each docstring. Nothing here knows the attention operator.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.linalg import eigh
from scipy.special import eval_hermitenorm, gammaln, ive

from theory.setting.checks import InputError, finite_array, positive, real, whole
from theory.setting.densities import Density
from theory.setting.quadrature import chart_quadrature

# --- Gaussian tokens on the line ---


def gaussian_line_decay(deviation: float, temperature: float) -> float:
    """rho in mu_k = rho^k, for tokens N(0, s^2) and f = |x-y|^2/4: s^2/(s^2 + 2 eps) ("Spectra")."""
    variance = positive("deviation", deviation) ** 2
    return variance / (variance + 2 * positive("temperature", temperature))


def gaussian_line_stationary_variance(deviation: float, temperature: float) -> float:
    """Variance of the stationary law of Gaussian tokens, s^2 (s^2 + 2 eps)/(2 (s^2 + eps)) ("Spectra")."""
    variance, eps = positive("deviation", deviation) ** 2, positive("temperature", temperature)
    return variance * (variance + 2 * eps) / (2 * (variance + eps))


def gaussian_line_eigenfunctions(x, deviation: float, temperature: float, count: int) -> np.ndarray:
    """He_k(x/sqrt v)/sqrt(k!) for k < count, shape (n, count), orthonormal in the stationary law ("Spectra")."""
    scaled = finite_array("x", x, (None,)) / math.sqrt(gaussian_line_stationary_variance(deviation, temperature))
    orders = range(whole("count", count, 1))
    return np.stack([eval_hermitenorm(k, scaled) / math.sqrt(math.factorial(k)) for k in orders], axis=1)


# --- uniform tokens on S^d and on the Clifford torus ---


def sphere_eigenvalues(dim: int, radius: float, temperature: float, count: int) -> np.ndarray:
    """mu_l for l < count, of dot-product attention on uniform tokens of a sphere S^d of radius R ("Spectra").

    mu_l = I_{l+(d-1)/2}(R^2/T)/I_{(d-1)/2}(R^2/T). The Gaussian kernel f = |x-y|^2/4 at eps is T = 2 eps.
    """
    z = positive("radius", radius) ** 2 / positive("temperature", temperature)
    order = (whole("dim", dim, 1) - 1) / 2
    return ive(np.arange(whole("count", count, 1)) + order, z) / ive(order, z)


def sphere_laplacian_eigenvalues(dim: int, radius: float, count: int) -> np.ndarray:
    """l (l + d - 1)/R^2 for l < count, the eigenvalues of -Laplacian on S^d of radius R."""
    degrees = np.arange(whole("count", count, 1))
    return degrees * (degrees + whole("dim", dim, 1) - 1) / positive("radius", radius) ** 2


def sphere_multiplicities(dim: int, count: int) -> np.ndarray:
    """Dimension of the spherical harmonics of degree l < count on S^d: 1, 2, 2, ... and 2 l + 1 for d = 1, 2."""
    d = whole("dim", dim, 1)
    return np.array(
        [math.comb(k + d, d) - (math.comb(k + d - 2, d) if k > 1 else 0) for k in range(whole("count", count, 1))]
    )


def sphere_mean_kernel(dim: int, temperature: float) -> float:
    """int exp(-|x-y|^2/(4 eps)) dy over the uniform law of the unit sphere S^d ("Best temperature").

    Gamma(nu + 1) (2/z)^nu I_nu(z) e^-z with nu = (d-1)/2, z = 1/(2 eps).
    """
    nu, z = (whole("dim", dim, 1) - 1) / 2, 1 / (2 * positive("temperature", temperature))
    return float(np.exp(gammaln(nu + 1) + nu * np.log(2 / z)) * ive(nu, z))


def clifford_torus_eigenvalues(temperature: float, largest: int) -> tuple[np.ndarray, np.ndarray]:
    """Distinct mu = I_k1 I_k2/I_0^2 at 1/(2 eps) for 0 <= k1 <= k2 <= largest, decreasing, with multiplicities ("Spectra").

    Uniform tokens on the product of two unit circles in R^4, f = |x-y|^2/4 with the chordal distance.
    """
    z = 1 / (2 * positive("temperature", temperature))
    ratio = ive(np.arange(whole("largest", largest, 1) + 1), z) / ive(0, z)
    pairs = [(j, k) for k in range(largest + 1) for j in range(k + 1)]
    values = np.array([ratio[j] * ratio[k] for j, k in pairs])
    counts = np.array([(1 + (j != k)) * 2 ** ((j > 0) + (k > 0)) for j, k in pairs])
    order = np.argsort(-values)
    return values[order], counts[order]


# --- any density on a closed curve ---


def curve_spectrum(density: Density, count: int, power: float = 2.0, modes: int = 48) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues of -L H = -p^-2 div(p^2 grad H) on a closed curve, and eigenfunctions, by a Fourier-Galerkin method.

    Returns (count,), increasing from 0, and coefficients (2 modes + 1, count) on the basis of `fourier_basis`,
    orthonormal in L^2(p^2 dV). Another `power` of p gives the generator of another normalisation, or a control
    ("Drift-diffusion limit"). Raises InputError unless the manifold is a closed curve.
    """
    m, power = density.manifold, real("power", power)
    if m.dim != 1 or m.axes[0].kind != "periodic":
        raise InputError(f"curve_spectrum: got the manifold {m.name}, expected a closed curve")
    u, volume = chart_quadrature(m, 8 * whole("modes", modes, 2))
    weight = volume * density(u) ** power
    basis, slope = fourier_basis(m, u, modes)
    stiffness = slope.T @ ((weight * m.inverse_metric(u)[:, 0, 0])[:, None] * slope)
    mass = basis.T @ (weight[:, None] * basis)
    values, vectors = eigh(stiffness, mass)
    return values[: whole("count", count, 1)], vectors[:, :count]


def fourier_basis(manifold, u, modes: int) -> tuple[np.ndarray, np.ndarray]:
    """1, cos k t, sin k t (k = 1..modes) of a periodic chart at u (n, 1), and their derivatives, each (n, 2 modes + 1)."""
    axis = manifold.axes[0]
    k = 2 * np.pi / axis.length * np.arange(1, modes + 1)
    phase = (u - axis.low) * k
    values = np.hstack([np.ones((len(u), 1)), np.cos(phase), np.sin(phase)])
    slopes = np.hstack([np.zeros((len(u), 1)), -k * np.sin(phase), k * np.cos(phase)])
    return values, slopes


# --- over-smoothing ---


def collapse_depth(decay: float, factor: float, share: float = 1.0) -> float:
    """Layers until the spread of H is `factor` of its first value: log(sqrt(share)/factor)/(-log decay) ("Over-smoothing").

    decay: eigenvalue of one layer on the slowest mode; share: part of the first variance of H that this mode holds.
    """
    decay, factor, share = positive("decay", decay), positive("factor", factor), positive("share", share)
    if not (decay < 1 and factor < 1 and share <= 1):
        raise InputError(
            f"collapse_depth: got decay {decay:g}, factor {factor:g}, share {share:g}, expected all in (0, 1)"
        )
    return math.log(math.sqrt(share) / factor) / -math.log(decay)
