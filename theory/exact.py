"""Closed forms at any temperature: spectra of attention and its stationary law.

Sources are the sections of docs/theory.md named in each docstring.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ive

from theory.setting.checks import positive, whole

# --- Gaussian tokens on the line ---


def gaussian_line_decay(deviation: float, temperature: float) -> float:
    """rho = s^2/(s^2 + 2 eps) in mu_k = rho^k, tokens N(0, s^2), f = |x-y|^2/4 ("Spectra")."""
    variance = positive("deviation", deviation) ** 2
    return variance / (variance + 2 * positive("temperature", temperature))


def gaussian_line_stationary_variance(deviation: float, temperature: float) -> float:
    """Variance of the stationary law, s^2 (s^2 + 2 eps)/(2 (s^2 + eps)) ("Spectra")."""
    variance, eps = positive("deviation", deviation) ** 2, positive("temperature", temperature)
    return variance * (variance + 2 * eps) / (2 * (variance + eps))


# --- uniform tokens on S^d and on the Clifford torus ---


def sphere_eigenvalues(dim: int, radius: float, temperature: float, count: int) -> np.ndarray:
    """mu_l, l < count, of dot-product attention, uniform tokens on S^d of radius R ("Spectra").

    mu_l = I_{l+(d-1)/2}(R^2/T)/I_{(d-1)/2}(R^2/T). The Gaussian kernel f = |x-y|^2/4 at eps is
    T = 2 eps.
    """
    z = positive("radius", radius) ** 2 / positive("temperature", temperature)
    order = (whole("dim", dim, 1) - 1) / 2
    return ive(np.arange(whole("count", count, 1)) + order, z) / ive(order, z)


def sphere_laplacian_eigenvalues(dim: int, radius: float, count: int) -> np.ndarray:
    """l (l + d - 1)/R^2 for l < count, the eigenvalues of -Laplacian on S^d of radius R."""
    degrees = np.arange(whole("count", count, 1))
    return degrees * (degrees + whole("dim", dim, 1) - 1) / positive("radius", radius) ** 2


def sphere_multiplicities(dim: int, count: int) -> np.ndarray:
    """Dimension of the spherical harmonics of degree l < count on S^d.

    1, 2, 2, ... for d = 1 and 2 l + 1 for d = 2: homogeneous polynomials of degree l less those
    that are |x|^2 times one of degree l - 2.
    """
    d, degrees = whole("dim", dim, 1), range(whole("count", count, 1))
    below = [math.comb(k + d - 2, d) if k > 1 else 0 for k in degrees]
    return np.array([math.comb(k + d, d) - b for k, b in zip(degrees, below, strict=True)])


def clifford_torus_eigenvalues(temperature: float, largest: int) -> tuple[np.ndarray, np.ndarray]:
    """Distinct mu = I_k1 I_k2/I_0^2 at 1/(2 eps), decreasing, with multiplicities ("Spectra").

    For 0 <= k1 <= k2 <= largest. Uniform tokens on the product of two unit circles
    in R^4, f = |x-y|^2/4 with the chordal distance.
    """
    z = 1 / (2 * positive("temperature", temperature))
    ratio = ive(np.arange(whole("largest", largest, 1) + 1), z) / ive(0, z)
    pairs = [(j, k) for k in range(largest + 1) for j in range(k + 1)]
    values = np.array([ratio[j] * ratio[k] for j, k in pairs])
    counts = np.array([(1 + (j != k)) * 2 ** ((j > 0) + (k > 0)) for j, k in pairs])
    order = np.argsort(-values)
    return values[order], counts[order]
