"""What a sample of N i.i.d. tokens does to attention: the slowed clock, the best temperature.

Sources are the sections of docs/theory.md named in each docstring. Gaussian kernel f = |x-y|^2/4 throughout.
Nothing here knows the attention operator.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.integrate import quad
from scipy.special import gamma

from theory.setting.checks import positive, whole
from theory.exact import sphere_eigenvalues, sphere_laplacian_eigenvalues, sphere_mean_kernel


def inverse_neighbours(density_value, dim: int, temperature: float, n_tokens: int):
    """s = 1/(N p (4 pi eps)^(d/2)), the inverse number of effective neighbours ("Finite samples")."""
    return 1 / (n_tokens * np.asarray(density_value) * (4 * math.pi * temperature) ** (dim / 2))


def stationary_clock(s: float) -> float:
    """Clock over tau of a sample, weighted by the stationary law: 1/(1 + s) ("Finite samples")."""
    return 1 / (1 + positive("s", s))


def plain_clock_first_order(s: float, dim: int, keep_diagonal: bool = True) -> float:
    """Clock over tau, plain average over tokens, to first order in s ("Finite samples").

    1 - s (1 - 2^(-d/2-1)) where a token attends to itself too, 1 + s 2^(-d/2-1) where it does not.
    """
    ratio_bias = positive("s", s) * 2 ** (-whole("dim", dim, 1) / 2 - 1)
    return 1 + ratio_bias - (s if keep_diagonal else 0.0)


def plain_clock(s: float, dim: int, keep_diagonal: bool = True) -> float:
    """Clock over tau, plain average over tokens, for any s up to about 1/4 ("The clock of a sample at any size").

    E[sum K r^2/(delta + sum K)] for a Poisson cloud of keys in flat space, with 1/x = int e^(-u x) du:
    (1/s) int_0^inf e^(-delta u) Psi(u) e^(-Phi(u)/s) du, delta = 1 with the token itself among the keys, else 0;
    Phi(u) = int (1 - e^(-u K)), Psi(u) = int K r^2 e^(-u K), both over (4 pi eps)^(d/2) and Psi(0) = 1.
    """
    s, half = positive("s", s), whole("dim", dim, 1) / 2
    x, w = np.polynomial.legendre.leggauss(300)
    # r^2 = 4 eps z^2 takes the singularity of q^(d/2-1) away; K = exp(-z^2) is below 1e-17 at z = 6.3
    z, dz = 3.15 * (x + 1), 3.15 * w
    kernel, shell = np.exp(-(z**2)), 2 * z ** (2 * half - 1) * dz

    def phi(u):
        return -np.expm1(-u * kernel) @ shell / gamma(half)

    def psi(u):
        return (kernel * z**2 * np.exp(-u * kernel)) @ shell / gamma(half + 1)

    def integrand(v):
        return math.exp(-s * v if keep_diagonal else 0.0) * psi(s * v) * math.exp(-phi(s * v) / s)

    return sum(quad(integrand, low, high, limit=200)[0] for low, high in ((0, 5), (5, 60), (60, 4000)))


def harmonic_error(dim: int, degree: int, temperature, n_tokens: int) -> np.ndarray:
    """Mean squared error of (A H - H)/eps against L H, over E[H^2], for H harmonic on the unit S^d ("Best temperature").

    Uniform i.i.d. keys, queries that are none of them, H the harmonics of one degree l. By the delta method, with Z the
    mean kernel and C = Z(eps/2)/Z(eps)^2: bias (mu - 1)/eps + lambda + C (mu(eps) - mu(eps/2))/(N eps), whose last
    term is the ratio bias of softmax, and variance C (1 - 2 mu(eps) mu(eps/2) + mu(eps)^2)/(N eps^2).
    temperature: (n,); returns (n, 2), the bias squared and the variance.
    """
    level = whole("degree", degree, 1)
    n = whole("n_tokens", n_tokens, 2)
    eigenvalue = sphere_laplacian_eigenvalues(dim, 1.0, level + 1)[level]
    parts = []
    for eps in np.atleast_1d(temperature):
        mu, sharper = (sphere_eigenvalues(dim, 1.0, 2 * e, level + 1)[level] for e in (eps, eps / 2))
        concentration = sphere_mean_kernel(dim, eps / 2) / sphere_mean_kernel(dim, eps) ** 2
        bias = (mu - 1) / eps + eigenvalue + concentration * (mu - sharper) / (n * eps)
        parts.append([bias**2, concentration * (1 - 2 * mu * sharper + mu**2) / (n * eps**2)])
    return np.array(parts)


def best_temperature(dim: int, degree: int, n_tokens: int) -> tuple[float, float]:
    """The minimiser of `harmonic_error` as N -> infinity, and the root of the minimum ("Best temperature").

    Squared error b^2 eps^2 + V eps^(-1-d/2)/N, so eps = (V (1 + d/2)/(2 b^2 N))^(2/(d+6)); the error scales alike.
    """
    d, n, small = whole("dim", dim, 1), whole("n_tokens", n_tokens, 2), np.array([2e-3, 1e-3])
    # both constants by one Richardson step towards eps = 0, free of the sample's own bias
    many = 10**30
    bias, variance = harmonic_error(d, degree, small, many).T
    b = np.sqrt(bias) / small
    v = variance * many * small ** (1 + d / 2)
    b, v = 2 * b[1] - b[0], 2 * v[1] - v[0]
    eps = (v * (1 + d / 2) / (2 * b**2 * n)) ** (2 / (d + 6))
    return float(eps), float(math.sqrt(b**2 * eps**2 + v * eps ** (-1 - d / 2) / n))
