"""How moving tokens cluster on a flat line or circle: growth of a density mode, life of the clusters.

Source: "Clusters" in docs/theory.md. The score is f = |x-y|^2/4 throughout. Nothing here knows the
attention operator.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expi

from theory.setting.checks import positive, whole


def mode_growth(scaled_wavenumber) -> np.ndarray:
    """1 + 2 q e^(-q), q = eps k^2: the factor a step by which a density mode k of near-uniform
    tokens grows."""
    q = np.asarray(scaled_wavenumber, dtype=np.float64)
    return 1 + 2 * q * np.exp(-q)


def backward_heat_growth(scaled_wavenumber) -> np.ndarray:
    """1 + 2 q: what dp/dt = -2 Laplacian p would give, right for q -> 0 only; a rival."""
    return 1 + 2 * np.asarray(scaled_wavenumber, dtype=np.float64)


def scaled_square(distance, temperature: float) -> np.ndarray:
    """x = delta^2/(4 eps), the logarithm of the weight that a cluster gives itself over that of
    another of equal mass."""
    return np.asarray(distance, dtype=np.float64) ** 2 / (4 * positive("temperature", temperature))


def pair_step(distance, temperature: float, mass_ratio: float = 1.0) -> np.ndarray:
    """Distance of two clusters after a step: for equal masses delta tanh(delta^2/(8 eps)).

    In general delta (1 - r e/(1 + r e) - e/(r + e)), e = exp(-delta^2/(4 eps)), r the ratio of the
    masses.
    """
    r, e = positive("mass_ratio", mass_ratio), np.exp(-scaled_square(distance, temperature))
    return np.asarray(distance) * (1 - r * e / (1 + r * e) - e / (r + e))


def pair_after(distance: float, temperature: float, steps: int, mass_ratio: float = 1.0) -> float:
    """Distance of two clusters after so many steps: `pair_step` iterated."""
    for _ in range(whole("steps", steps, 0)):
        distance = float(pair_step(distance, temperature, mass_ratio))
    return distance


def pair_lifetime(square) -> np.ndarray:
    """Steps until two equal clusters at x = delta^2/(4 eps) merge, for large x: Ei(x)/4 + x/2, up
    to a constant.

    A step lowers x by f = x sech^2(x/2), so k = int dx/f - log(f)/2 + O(f) (Euler and Maclaurin).
    """
    x = np.asarray(square, dtype=np.float64)
    return expi(x) / 4 + x / 2


def chain_multiplier(
    phase,
    spacing: float,
    temperature: float,
    *,
    neighbours: int | None = None,
    repulsion: float = 1.0,
) -> np.ndarray:
    """Growth factor a step of the displacements u_j = cos(theta j) of equal clusters at j a.

    1 + sum_n w_n (1 - cos n theta)(n^2 a^2/(2 eps) - 1), w_n proportional to
    exp(-n^2 a^2/(4 eps)), over all whole n, the weights summing to 1. Two rivals: `neighbours` cuts
    the sum, and `repulsion` = 0 drops the -1.
    """
    theta, a = np.asarray(phase, dtype=np.float64), positive("spacing", spacing)
    reach = int(np.ceil(np.sqrt(4 * 45 * positive("temperature", temperature)) / a)) + 1
    n = np.arange(-reach, reach + 1)
    x = scaled_square(n * a, temperature)
    weights = np.exp(-x) / np.exp(-x).sum()
    if neighbours is not None:
        near = np.abs(n) <= whole("neighbours", neighbours, 1)
        weights = np.where(near, weights, 0.0)
    return 1 + (1 - np.cos(np.multiply.outer(theta, n))) @ (weights * (2 * x - repulsion))


def steps_per_decade(spacing: float, temperature: float, repulsion: float = 1.0) -> float:
    """Steps that a chain rests longer where its first disorder is ten times smaller:
    log(10)/log(multiplier) of neighbours in opposite phase, the fastest."""
    growth = chain_multiplier(np.pi, spacing, temperature, repulsion=repulsion)
    return float(np.log(10) / np.log(growth))
