"""What each normalisation of the same scores converges to: drift coefficients and clocks.

docs/theory.md, "Other normalisations".
"""

from __future__ import annotations

import math

import numpy as np

from theory.setting.checks import InputError, finite_array, positive, real, whole
from theory.setting.densities import Density
from theory.setting.geometry import laplacian
from theory.setting.quadrature import chart_quadrature

SINKHORN_DRIFT = 1.0

# 2 |II|^2 - |Hvec|^2 of products of unit circles and of the unit sphere in R^3: what curvature adds
# to the volume of a ball of the ambient space
EXTRINSIC = {"circle": 1.0, "sphere": 0.0, "flat_torus3": 3.0}


def alpha_drift(alpha: float) -> float:
    """c of weights divided by the key's degree to the power alpha: 2 (1 - alpha).

    Coifman and Lafon 2006, theorem 2; alpha = 0 is softmax, alpha = 1 is doubly normalised.
    """
    return 2 * (1 - real("alpha", alpha))


def window_clock(radius, dim: int):
    """R^2/(2 (d+2)): half the second moment per direction of a ball of radius R, also an array."""
    return np.asarray(radius) ** 2 / (2 * (whole("dim", dim, 1) + 2))


def ring_clock(n_tokens: int, k: int, temperature: float = math.inf, *, own: bool = True) -> float:
    """Half the mean squared jump from one of N equispaced tokens of the unit circle to its k
    nearest, the farthest on one side only where k is even ("Other normalisations").

    temperature: of f = |x-y|^2/4, by default infinite: equal weights. own: with the token itself.
    """
    n = whole("n_tokens", n_tokens, 2)
    k = whole("k", k, 1)
    if k >= n:
        raise InputError(f"k: got {k} neighbours among {n} tokens, expected fewer than tokens")
    squares = (2 * np.sin(np.pi * ((np.arange(k) + 1) // 2) / n)) ** 2
    weights = np.exp(-squares / (4 * temperature))
    weights[0] *= own
    return float(weights @ squares / weights.sum() / 2)


def unit_ball_volume(dim: int) -> float:
    """omega_d, the volume of the unit ball of R^d."""
    return math.pi ** (whole("dim", dim, 1) / 2) / math.gamma(dim / 2 + 1)


def top_k_clock(k: int, n_tokens: int, dim: int, p, counted: bool = True) -> np.ndarray:
    """Local clock of uniform attention to the k nearest of N i.i.d. tokens of density p.

    p: its values (n,); returns (n,). counted: the query is one of its own k keys, at distance 0.
    """
    d = whole("dim", dim, 1)
    volume = finite_array("p", p, (None,)) * unit_ball_volume(d)
    return _mean_power(k, n_tokens, 2 / d, counted) * volume ** (-2 / d) / (2 * d)


def _mean_power(k, n_tokens, power, counted):
    """Mean over the k keys of E[m_j^power], m_j the mass nearer than the j-th other token.

    m_j of n - 1 others is Beta(j, n - j), with E[m_j^q] = Gamma(j+q) Gamma(n)/(Gamma(j)
    Gamma(n+q)); the sum of Gamma(j+q)/Gamma(j) over j = 1..J is Gamma(J+1+q)/((1+q) Gamma(J)).
    """
    n, k = whole("n_tokens", n_tokens, 2), whole("k", k, 2 if counted else 1)
    if k >= n:
        raise InputError(f"k: got {k} neighbours among {n} tokens, expected fewer than tokens")
    others = k - 1 if counted else k
    total = math.lgamma(others + 1 + power) - math.lgamma(others)
    size = math.lgamma(n) - math.lgamma(n + power)
    return math.exp(total + size) / (1 + power) / k


def large_k_clock(p: Density, k: int, n_tokens: int, nodes: int = 128) -> float:
    """The mean over tokens of r_k^2/(2 (d+2)), the clock for large k: p omega_d r_k^d = k/N."""
    d = p.manifold.dim
    u, mass = _token_law(p, nodes)
    squares = (k / n_tokens / (p(u) * unit_ball_volume(d))) ** (2 / d)
    return float(mass @ window_clock(np.sqrt(squares), d))


def mean_top_k_clock(
    p: Density, k: int, n_tokens: int, counted: bool = True, nodes: int = 128
) -> float:
    """The mean over tokens of half the squared jump per dimension, with its first correction.

    A ball of squared radius r^2 about a point of M has the mass p omega_d r^d (1 + c r^2), with
    c = (Laplacian p/p + (2 |II|^2 - |Hvec|^2)/4)/(2 (d+2)), so that r^2 = q - (2 c/d) q^2 with
    q = (mass/(p omega_d))^(2/d) ("Other normalisations").
    """
    m, d = p.manifold, p.manifold.dim
    u, mass = _token_law(p, nodes)
    values = p(u)
    bending = m.function(laplacian(m, p.expression))(u) / p.total / values
    c = (bending + EXTRINSIC[m.name] / 4) / (2 * (d + 2))
    square = _mean_power(k, n_tokens, 4 / d, counted) * (values * unit_ball_volume(d)) ** (-4 / d)
    leading = top_k_clock(k, n_tokens, d, values, counted)
    return float(mass @ (leading - 2 * c / d * square / (2 * d)))


def _token_law(p, nodes):
    nodes = nodes if p.manifold.dim < 3 else 24
    u, volume = chart_quadrature(p.manifold, nodes, p.support)
    return u, volume * p(u)


def filter_moments(weights, spacing: float) -> tuple[float, float]:
    """First and second moment of a filter w_{-m}..w_m on a grid: its transport, twice its clock.

    weights (2m+1,) non-negative, of sum 1; (A - I) H = m1 H' + m2/2 H'' + O(spacing^3).
    """
    w, h = finite_array("weights", weights, (None,)), positive("spacing", spacing)
    offsets = h * (np.arange(len(w)) - len(w) // 2)
    return float(w @ offsets), float(w @ offsets**2)


def metric_floor(n_tokens: int) -> float:
    """2/sqrt(N) - 1/N: what softmax of a metric leaves every key at least ("Received attention").

    Sharp where N is a square.
    """
    n = whole("n_tokens", n_tokens, 2)
    return 2 / math.sqrt(n) - 1 / n


def explained_away_rate(scores) -> np.ndarray:
    """lim -T log received_j as T -> 0, for scores s (n, m), shape (m,) ("Received attention").

    min_i (max_k s_ik - s_ij); error at most T log max(n, m).
    """
    s = finite_array("scores", scores, (None, None))
    return (s.max(axis=1, keepdims=True) - s).min(axis=0)
