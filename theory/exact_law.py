"""The exact law of attention to N i.i.d. keys: four moments, and its distribution function.

Attention of a query is R = sum_j K_j h_j/sum_j K_j over N independent keys. Its moments are
integrals over u by 1/S^k = int_0^inf u^(k-1) e^(-u S) du/(k-1)!, and R <= c where the sum of
K_j (h_j - c) is <= 0, whose characteristic function is a power (docs/theory.md, "Central limit").
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from theory.population import population
from theory.setting.checks import positive, whole
from theory.setting.densities import Density
from theory.setting.nodes import nodes_for

_STEP, _TOGETHER = 0.1, 16  # of trapezoidal rules in log u and log t
_FIRST, _LAST = -40.0, 150.0  # where they start and end at the latest, about the scale of the sum
_DONE = -45.0  # in the logarithm: 3e-20
_REACH = 150.0  # keys with K < e^-150 are left out
_ANGLES, _TURNS = 320, 16  # nodes of polar coordinates about a query, on half a turn


@dataclass(frozen=True)
class KeyLaw:
    """The law of one key as a query sees it: kernel K, value h and mass at quadrature nodes, (m,).

    The masses sum to 1 over all keys; nodes where K vanishes may be left out.
    """

    kernel: np.ndarray
    values: np.ndarray
    mass: np.ndarray

    @property
    def limit(self) -> float:
        """A H(x) of infinitely many keys, E[K h]/E[K]."""
        return float(self._weights @ self.values)

    @property
    def noise(self) -> float:
        """N Var[A H(x)] of infinitely many keys, by the delta method: E[U^2]."""
        return self.mixed(2, 0)

    def mixed(self, power: int, others: int) -> float:
        """E[U^power W^others] with W = K/E[K] and U = W (h - limit)."""
        w = self.kernel / (self.mass @ self.kernel)
        return float(self.mass @ (w ** (power + others) * (self.values - self.limit) ** power))

    @cached_property
    def _weights(self):
        weights = self.kernel * self.mass
        return weights / weights.sum()


def key_law(p: Density, u, temperature: float, values) -> KeyLaw:
    """The keys of density p from a query at the chart point u (1, d); values: of points (n, D)."""
    # twice the nodes that the kernel needs: characteristic functions turn faster than it falls
    nodes = [2 * n for n in nodes_for(p.manifold, temperature)]
    keys = population(p, temperature, nodes=nodes)
    r2 = ((keys.x - p.manifold.embed(u)) ** 2).sum(axis=1)
    kernel = np.exp(-r2 / (4 * positive("temperature", temperature)))
    near = kernel > math.exp(_DONE)
    return KeyLaw(kernel[near], values(keys.x[near]), keys.mass[near])


def sphere_law(dim: int, temperature: float, values) -> KeyLaw:
    """Uniform keys on the unit sphere S^d, d = 1 or 2, from any query.

    values: of (cosine to the query, component along a tangent vector), (m,) each.
    """
    d, eps = whole("dim", dim, 1), positive("temperature", temperature)
    x, w = np.polynomial.legendre.leggauss(_ANGLES)
    # K = exp(-sin(angle/2)^2/eps); nodes are dense about the query
    reach = 2 * math.asin(min(1.0, math.sqrt(_REACH * eps)))
    angle, weight = reach * (x + 1) / 2, reach * w / 2
    # the two directions of a curve; by symmetry half of those of a surface
    turns = 2 if d == 1 else _TURNS
    turn = math.pi * (np.arange(2) if d == 1 else (np.arange(turns) + 0.5) / turns)
    surface = math.sqrt(math.pi) * math.gamma(d / 2) / math.gamma((d + 1) / 2)
    mass = weight * np.sin(angle) ** (d - 1) / surface / turns
    along = np.outer(np.cos(turn), np.sin(angle)).ravel()
    kernel = np.tile(np.exp(-(np.sin(angle / 2) ** 2) / eps), turns)
    return KeyLaw(kernel, values(np.tile(np.cos(angle), turns), along), np.tile(mass, turns))


@dataclass(frozen=True)
class Moments:
    """Mean less that of infinitely many keys, variance, skewness and kurtosis (3 if normal)."""

    shift: float
    variance: float
    skewness: float
    kurtosis: float


def moments(law: KeyLaw, n_keys: int) -> Moments:
    """Of A H(x) over samples of N keys, exactly at any N.

    E R^k = int u^(k-1)/(k-1)! sum over the ways to share the k factors K h among the keys:
    a term with j keys has N (N-1) .. (N-j+1) phi^(N-j), phi = E e^(-u K), and for each key with
    i of the factors the mean a_i = E[K^i h^i e^(-u K)].
    """
    n, kernel = whole("n_keys", n_keys, 4), law.kernel
    h = (law.values - law.limit) / math.sqrt(law.noise / n)
    powers = np.stack([law.mass * (kernel * h) ** k for k in (1, 2, 3, 4)], axis=1)
    choices = np.cumprod(n - np.arange(4.0))
    raw = np.zeros(4)
    for u in _blocks(1 / (n * (law.mass @ kernel))):
        absent = np.expm1(-np.outer(u, kernel))
        a1, a2, a3, a4 = ((1 + absent) @ powers).T
        log_phi = np.log1p(np.maximum(absent @ law.mass, -1 + 1e-16))
        one, two, three, four = (c * np.exp((n - k - 1) * log_phi) for k, c in enumerate(choices))
        du = _STEP * u
        raw += [
            du @ (one * a1),
            (du * u) @ (one * a2 + two * a1**2),
            (du * u**2 / 2) @ (one * a3 + 3 * two * a1 * a2 + three * a1**3),
            (du * u**3 / 6)
            @ (one * a4 + two * (4 * a1 * a3 + 3 * a2**2) + 6 * three * a1**2 * a2 + four * a1**4),
        ]
        if (n - 4) * log_phi[-1] < _DONE:
            break
    m, second, third, fourth = raw
    variance = second - m**2
    centred3 = third - 3 * m * second + 2 * m**3
    centred4 = fourth - 4 * m * third + 6 * m**2 * second - 3 * m**4
    unit = law.noise / n
    return Moments(
        float(m * math.sqrt(unit)),
        float(variance * unit),
        float(centred3 / variance**1.5),
        float(centred4 / variance**2),
    )


def share_below(law: KeyLaw, n_keys: int, value: float) -> float:
    """The probability that A H(x) <= value, exactly at any N.

    P(sum <= 0) = 1/2 - (1/pi) int_0^inf Im phi(t)^N dt/t of Gil-Pelaez 1951, with the
    characteristic function phi of K (h - value), by the trapezoidal rule in log t.
    """
    n, terms = whole("n_keys", n_keys, 2), law.kernel * (law.values - value)
    found = 0.0
    for t in _blocks(1 / math.sqrt(n * (law.mass @ terms**2))):
        phase = np.outer(t, terms)
        # 1 is taken away, so that keys that are left out count
        phi = 1 + (np.cos(phase) - 1) @ law.mass + 1j * (np.sin(phase) @ law.mass)
        power = np.exp(n * np.log(phi))
        found += _STEP * power.imag.sum()
        if np.abs(power).max() < math.exp(_DONE):
            break
    return 0.5 - found / math.pi


def skewness_law(law: KeyLaw, ratio: bool = True) -> float:
    """sqrt(N) times the skewness of A H(x) for many keys N.

    (E[U^3] - 6 E[U^2] E[U W])/E[U^2]^(3/2): the third cumulant of the sum, and what the random
    denominator adds to it. ratio: False leaves that out, a rival.
    """
    third = law.mixed(3, 0) - (6 * law.noise * law.mixed(1, 1) if ratio else 0.0)
    return third / law.noise**1.5


def flat_skewness_law(dim: int) -> float:
    """sqrt(S) times the skewness of A H(x) for many neighbours S, where H has its maximum at x and
    its curvatures are equal, as eps -> 0.

    With a = d/2: E[U^2] = 2^-a d(d+2)/16, E[U W] = -2^-a d/4 and
    E[U^3] = 3^-a (a(a+1)(a+2)/27 - a^2 (a+1)/3), in units of the mean squared distance, and H falls
    with it.
    """
    d = whole("dim", dim, 1)
    a = d / 2
    second, mixed = 2**-a * d * (d + 2) / 16, -(2**-a) * d / 4
    third = 3**-a * (a * (a + 1) * (a + 2) / 27 - a**2 * (a + 1) / 3)
    return -(third - 6 * second * mixed) / second**1.5


def _blocks(scale):
    """Nodes of the trapezoidal rule in the logarithm, in blocks, about a scale."""
    steps = np.arange(_FIRST, _LAST, _STEP)
    for part in np.array_split(steps, math.ceil(len(steps) / _TOGETHER)):
        yield scale * np.exp(part)
