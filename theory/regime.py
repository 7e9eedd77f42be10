"""Where the generator describes attention: borders of the plane of tokens and temperature.

Uniform i.i.d. tokens on the unit S^d that attend to each other, themselves included, f = |x-y|^2/4,
H the harmonics of degree 2, L H = -lambda H with lambda = 2 (d+1); p = 1/|S^d|. All from
docs/theory.md, "Where the theory holds".
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from scipy.optimize import brentq

from theory.exact import sphere_eigenvalues
from theory.finite_sample import (
    best_temperature,
    flat_participation,
    harmonic_error,
    population_clock,
)
from theory.setting.checks import positive, whole

_COLDEST, _HOTTEST = 1e-6, 1.0  # temperatures between which borders are looked for


def relative_error(dim: int, temperature: float, n_tokens: int) -> float:
    """Root mean square of (A H - H)/eps - L H over that of L H, exactly at any N and eps."""
    return math.sqrt(harmonic_error(dim, temperature, n_tokens, own=True))


def sphere_volume(dim: int) -> float:
    """|S^d| = 2 pi^((d+1)/2)/Gamma((d+1)/2)."""
    half = (whole("dim", dim, 1) + 1) / 2
    return 2 * math.pi**half / math.gamma(half)


def rate(dim: int) -> float:
    """-L H/H = lambda = 2 (d+1)."""
    return 2.0 * (whole("dim", dim, 1) + 1)


# --- the three borders ---


def bias(dim: int, temperature: float) -> float:
    """The relative error of infinitely many tokens, 1 - (1 - mu_2)/(lambda eps), exactly."""
    eps = positive("temperature", temperature)
    return 1 - (1 - sphere_eigenvalues(dim, 1.0, 2 * eps, 3)[2]) / (rate(dim) * eps)


def bias_slope(dim: int) -> float:
    """Its limit over eps: lambda/2 - 1 = d (of the arc in place of the chord: lambda/2)."""
    return rate(dim) / 2 - 1


def noise_constant(dim: int, power: float = 8.0) -> float:
    """v in noise^2 = v/(N eps^(1+d/2)): v = 1/(p lambda (8 pi)^(d/2)); another `power` is a rival."""
    return sphere_volume(dim) / (rate(dim) * (power * math.pi) ** (dim / 2))


def bias_border(dim: int, error: float) -> float:
    """The temperature above which the bias alone is more than `error`, exactly; d eps at first."""
    target = positive("error", error)
    return brentq(lambda eps: bias(dim, eps) - target, _COLDEST, _HOTTEST, rtol=1e-12)


def noise_border(dim: int, temperature, error: float) -> np.ndarray:
    """The number of tokens below which the noise alone is more than `error`: v/(error^2 eps^(1+d/2))."""
    eps = np.asarray(temperature, dtype=float)
    return noise_constant(dim) / (positive("error", error) ** 2 * eps ** (1 + dim / 2))


def copying_border(dim: int, temperature, s: float = 1.0) -> np.ndarray:
    """The number of tokens with 1/s effective neighbours: 1/(s p (4 pi eps)^(d/2)).

    At s = 1 a token sees itself as much as all others together; with fewer it copies itself.
    """
    eps = np.asarray(temperature, dtype=float)
    return sphere_volume(dim) / (positive("s", s) * (4 * math.pi * eps) ** (dim / 2))


@cache
def copied_share(dim: int, share: float = 0.9) -> float:
    """The s beyond which a token puts so much of its weight on one key: E sum_j a_ij^2 = share."""
    log_s = brentq(
        lambda x: flat_participation(math.exp(x), dim) - positive("share", share), -5.0, 9.0
    )
    return math.exp(log_s)


# --- the plane of heads: keys that share the weight, clock over squared length ---


def clock_over_length(dim: int, temperature: float) -> float:
    """tau/l^2 of uniform tokens on S^d, d l^2 their total variance 1: d tau, at any temperature."""
    return dim * temperature * population_clock(dim, temperature)


@cache
def _sharing(dim: int) -> tuple[np.ndarray, np.ndarray]:
    log_s = np.linspace(math.log(1e-4), math.log(1e5), 60)
    return log_s, np.log([flat_participation(math.exp(x), dim) for x in log_s])


def neighbours(dim: int, temperature, n_tokens) -> np.ndarray:
    """1/E sum_j a_ij^2 of N uniform tokens, themselves among their keys: 2^(d/2)/s for many."""
    s = copying_border(dim, temperature) / np.asarray(n_tokens, dtype=float)
    shared = np.exp(-np.interp(np.log(s), *_sharing(dim)))
    return np.where(s < 1e-4, 2 ** (dim / 2) / s, shared)


def error_at(n_neighbours, clock, dim: float):
    """The error to leading order there: error^2 = c^2 + d/(2 (d+1) n c), c = tau/l^2."""
    return np.sqrt(clock**2 + dim / (2 * (dim + 1) * n_neighbours * clock))


# --- tokens needed ---


def tokens_needed_first_order(dim: int, error: float) -> tuple[float, float]:
    """N and eps of the next one where bias and noise are those of first order.

    (b eps)^2 + v/(N eps^a), a = 1 + d/2, is least at eps = error/(b sqrt(1 + 2/a)), where it is
    error^2 for N = (a v/(2 b^2)) eps^(-a-2).
    """
    b, v, a = bias_slope(dim), noise_constant(dim), 1 + dim / 2
    eps = positive("error", error) / (b * math.sqrt(1 + 2 / a))
    return a * v / (2 * b**2) * eps ** (-a - 2), eps


@cache
def tokens_needed(dim: int, error: float) -> tuple[float, float]:
    """The least N at which the best temperature has this relative error, and that temperature.

    Exactly; N is a real number, by the slope of the law between whole ones.
    """
    target, near = math.log(positive("error", error)), tokens_needed_first_order(dim, error)[0]

    def excess(log_n):
        return math.log(best_temperature(dim, round(math.exp(log_n)), own=True)[1]) - target

    start = math.log(near)
    whole_n = round(math.exp(brentq(excess, start - 1.0, start + 1.0, xtol=1e-6)))
    n = whole_n * math.exp(excess(math.log(whole_n)) * (dim + 6) / 2)
    return n, best_temperature(dim, whole_n, own=True)[0]
