"""How moving tokens cluster on a flat line or circle: growth of a density mode, and the life of the clusters.

Source: "Clusters" in docs/theory.md. The score is f = |x-y|^2/4 throughout. Nothing here knows the attention operator.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expi

from theory.setting.checks import InputError, finite_array, positive, whole


def mode_growth(scaled_wavenumber) -> np.ndarray:
    """1 + 2 q e^(-q), q = eps k^2: the factor a step by which a density mode k of near-uniform tokens grows."""
    q = np.asarray(scaled_wavenumber, dtype=np.float64)
    return 1 + 2 * q * np.exp(-q)


def backward_heat_growth(scaled_wavenumber) -> np.ndarray:
    """1 + 2 q: what dp/dt = -2 Laplacian p would give, right for q -> 0 only; a control."""
    return 1 + 2 * np.asarray(scaled_wavenumber, dtype=np.float64)


def scaled_square(distance, temperature: float) -> np.ndarray:
    """x = delta^2/(4 eps), the logarithm of the weight that a cluster gives itself over that of another of equal mass."""
    return np.asarray(distance, dtype=np.float64) ** 2 / (4 * positive("temperature", temperature))


def pair_step(distance, temperature: float, mass_ratio: float = 1.0) -> np.ndarray:
    """Distance of two clusters after a step: for equal masses delta tanh(delta^2/(8 eps)).

    In general delta (1 - r e/(1 + r e) - e/(r + e)), e = exp(-delta^2/(4 eps)), r the ratio of the masses.
    """
    r, e = positive("mass_ratio", mass_ratio), np.exp(-scaled_square(distance, temperature))
    return np.asarray(distance) * (1 - r * e / (1 + r * e) - e / (r + e))


def pair_lifetime(distance, temperature: float, mass_ratio=1.0) -> np.ndarray:
    """Steps until two clusters at distance delta merge, for large x: Ei(x)/(2 (r + 1/r)), Ei(x)/4 for equal masses."""
    r = np.asarray(mass_ratio, dtype=np.float64)
    return expi(scaled_square(distance, temperature)) / (2 * (r + 1 / r))


def pair_steps(distance: float, temperature: float, mass_ratio: float = 1.0, *, tolerance: float, most: int = 10**6) -> int:
    """Steps until two clusters, alone, are nearer than `tolerance`: `pair_step` iterated, at most `most` times."""
    distance, tolerance = positive("distance", distance), positive("tolerance", tolerance)
    for k in range(whole("most", most, 1)):
        if distance <= tolerance:
            return k
        distance = float(pair_step(distance, temperature, mass_ratio))
    raise InputError(f"distance: the pair is still {distance:g} apart after {most} steps, expected one that merges")


def closest_pair(positions, masses, period: float, temperature: float) -> tuple[float, float, float]:
    """Of clusters on a flat circle, the neighbours that merge first if each pair were alone.

    positions, masses: (n,), n >= 3. Returns (distance, mass ratio, isolation): isolation is the lifetime of the next pair over theirs.
    """
    positions = finite_array("positions", positions, (None,)) % positive("period", period)
    masses = finite_array("masses", masses, (len(positions),))
    if len(positions) < 3:
        raise InputError(f"positions: got {len(positions)} clusters, expected at least 3")
    order = np.argsort(positions)
    positions, masses = positions[order], masses[order]
    distances = np.diff(positions, append=positions[0] + period)
    ratios = np.roll(masses, -1) / masses
    lifetimes = pair_lifetime(distances, temperature, ratios)
    first, second = np.argsort(lifetimes)[:2]
    isolation = lifetimes[second] / lifetimes[first] if lifetimes[first] > 0 else 1.0
    return float(distances[first]), float(ratios[first]), float(isolation)


def chain_multiplier(phase, spacing: float, temperature: float, *, neighbours: int | None = None, repulsion: float = 1.0) -> np.ndarray:
    """Growth factor a step of the displacements u_j = cos(theta j) of equal clusters at j a on the line.

    1 + sum_n w_n (1 - cos n theta)(n^2 a^2/(2 eps) - 1), w_n proportional to exp(-n^2 a^2/(4 eps)), over all whole n, the
    weights summing to 1. `neighbours` cuts the sum (a control), and so does `repulsion` = 0, which drops the -1.
    """
    theta, a = np.asarray(phase, dtype=np.float64), positive("spacing", spacing)
    reach = int(np.ceil(np.sqrt(4 * 45 * positive("temperature", temperature)) / a)) + 1
    n = np.arange(-reach, reach + 1)
    x = scaled_square(n * a, temperature)
    weights = np.exp(-x) / np.exp(-x).sum()
    if neighbours is not None:
        weights = np.where(np.abs(n) <= whole("neighbours", neighbours, 1), weights, 0.0)
    return 1 + (1 - np.cos(np.multiply.outer(theta, n))) @ (weights * (2 * x - repulsion))


def plateau_length(displacement, spacing: float, temperature: float) -> np.ndarray:
    """Steps until neighbours of a chain merge that are displaced by -u, u, -u, ... times the spacing, u small.

    log(1/amplitude)/log(multiplier) with the multiplier of the phase pi and the amplitude u a^2/(2 eps), at which the growth
    stops to be linear: there du/dk = 2 exp(-a^2/(4 eps)) sinh(u a^2/eps), to leading order in eps/a^2.
    """
    amplitude = np.asarray(displacement, dtype=np.float64) * 2 * scaled_square(spacing, temperature)
    if not (0 < amplitude.min() and amplitude.max() < 1):
        raise InputError(f"displacement: got amplitudes from {amplitude.min():g} to {amplitude.max():g}, expected 0 < u a^2/(2 eps) < 1")
    return -np.log(amplitude) / np.log(chain_multiplier(np.pi, spacing, temperature))
