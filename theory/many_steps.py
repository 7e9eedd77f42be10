"""k steps of attention among the same N i.i.d. tokens of the unit S^d, to first order in 1/N.

Uniform tokens, themselves among their keys, f = |x-y|^2/4, H the harmonics of degree 2 with
|H| = 1, against e^(TL) H, T = k eps. Derived in docs/theory.md, "Many steps over the plane": seen
from one key y, H and the kernel have parts of order 0, 1, 2 under the turns about y, and in each
order A multiplies the associated harmonics of degree l by mu_l.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import eval_jacobi, roots_jacobi

from theory.exact import sphere_eigenvalues
from theory.setting.checks import positive, whole

_DEGREES, _NODES = 220, 400  # mu_l is below 1e-17 at the end from eps = 1e-3 on


@dataclass(frozen=True)
class Steps:
    """Of A^k H: `mean` along H with infinitely many tokens, N times what a sample adds to it
    (`shift`), N times the variance (`noise`), and that with fresh tokens at each step (`fresh`)."""

    mean: float
    shift: float
    noise: float
    fresh: float


def relative_error(dim: int, steps: int, temperature: float, n_tokens: float) -> float:
    """Root mean square of A^k H - e^(TL) H over that of e^(TL) H, to first order in 1/N."""
    return math.sqrt(_squared(dim, steps, temperature, n_tokens, moments(dim, temperature, steps)))


def fresh_error(dim: int, steps: int, temperature: float, n_tokens: float) -> float:
    """The same if every step met other tokens, so that the noises were independent: a rival."""
    found = moments(dim, temperature, steps)
    other = Steps(found.mean, 0.0, found.fresh, found.fresh)
    return math.sqrt(_squared(dim, steps, temperature, n_tokens, other))


def bias_and_noise(dim: int, steps: int, temperature: float, n_tokens: float):
    """Either error alone, relative to e^(TL) H: that of infinitely many tokens, and the scatter."""
    found, true = moments(dim, temperature, steps), _true(dim, steps, temperature)
    return abs(found.mean / true - 1), math.sqrt(found.noise / n_tokens) / true


def bias_slope(dim: int, time: float) -> float:
    """Relative error of A^k H over eps as eps -> 0, k eps = T: -lambda T, lambda = 2 (d+1).

    log mu_2 = -lambda eps (1 + eps + ...): mu_2 of theory/regime.py and its own square.
    """
    return -2 * (whole("dim", dim, 1) + 1) * positive("time", time)


def _true(dim, steps, temperature):
    return math.exp(-2 * (dim + 1) * steps * temperature)


def _squared(dim, steps, temperature, n_tokens, found):
    true = _true(dim, steps, temperature)
    off = found.mean - true
    first_order = (2 * off * found.shift + found.noise) / positive("n_tokens", n_tokens)
    return (off**2 + first_order) / true**2


@cache
def moments(dim: int, temperature: float, steps: int) -> Steps:
    """What k steps make of H; see `Steps`.

    noise = sum over orders and degrees of (a S)^2, S = sum_j mu_2^(k-1-j) mu_l^j. shift: the token
    among its own keys, one key met at two steps, and the ratio of sums within one step.
    """
    parts = _parts(whole("dim", dim, 1), positive("temperature", temperature))
    k = whole("steps", steps, 1)
    mu, j = parts.eigenvalues[2], np.arange(k)
    powers = [rates ** j[:, None] for rates in parts.rates]
    noise = sum(
        (((mu ** j[::-1]) @ p * a) ** 2).sum() for p, a in zip(powers, parts.first, strict=True)
    )
    fresh = sum(
        (mu ** (2 * j[::-1]) @ p**2 * a**2).sum() for p, a in zip(powers, parts.first, strict=True)
    )
    # A^j of the part of a key at that key itself
    at_key = powers[0] @ (parts.first[0] * parts.at_key)
    own = mu ** j[::-1] @ at_key
    again = mu * at_key[:-1] - sum(
        (p * rates)[:-1] @ (a * h)
        for p, rates, a, h in zip(powers, parts.rates, parts.first, parts.features, strict=True)
    )
    between = j[1:][::-1]  # ways to share the steps before and after: k - 1 - b
    twice = (between * mu ** (between - 1.0)) @ again
    shift = own + twice + k * mu ** (k - 1) * parts.ratio
    return Steps(float(mu**k), float(shift), float(noise), float(fresh))


@dataclass(frozen=True)
class _Parts:
    """Expansions in the associated harmonics of each order: of k (H(y) - mu_2 H) (`first`) and of
    k H (`features`), their eigenvalues (`rates`), the harmonics of order 0 at y (`at_key`)."""

    eigenvalues: np.ndarray
    rates: list
    first: list
    features: list
    at_key: np.ndarray
    ratio: float


@cache
def _parts(dim, eps):
    mu = np.array(sphere_eigenvalues(dim, 1.0, 2 * eps, _DEGREES))
    # |H|^2 = 1 of orders 0, 1, 2 over (1 - c^2)^(m/2), c the cosine of the angle to y
    shapes = (
        lambda c: ((dim + 1) * c**2 - 1) / dim,
        lambda c: math.sqrt(2 * (dim + 1) / dim) * c,
        lambda c: np.full_like(c, math.sqrt(1 - 1 / dim**2)),
    )
    c, w = _rule(dim, 0)
    size = w @ np.exp((c - 1) / (2 * eps))
    kernel = np.exp((c - 1) / (2 * eps)) / size
    ratio = -float(w @ (kernel**2 * (shapes[0](c) - mu[2])))
    rates, first, features = [], [], []
    # on the circle the turns about y are two, and there is no order 2
    for order in range(2 if dim == 1 else 3):
        basis, end, c, w = _basis(dim, order)
        kernel, h = np.exp((c - 1) / (2 * eps)) / size, shapes[order](c)
        rates.append(mu[order:])
        first.append(basis @ (w * kernel * ((order == 0) - mu[2] * h)))
        features.append(basis @ (w * kernel * h))
        if order == 0:
            at_key = end
    return _Parts(mu, rates, first, features, at_key, ratio)


@cache
def _rule(dim, order):
    """Nodes c and weights of the law of c, times (1 - c^2)^order."""
    power = dim / 2 - 1
    c, w = roots_jacobi(_NODES, power + order, power + order)
    return c, w / roots_jacobi(_NODES, power, power)[1].sum()


@cache
def _basis(dim, order):
    """Orthonormal polynomials (degrees, nodes) of that rule, their values at c = 1, and the rule."""
    c, w = _rule(dim, order)
    n, power = np.arange(_DEGREES - order)[:, None], dim / 2 - 1 + order
    values = eval_jacobi(n, power, power, c)
    norms = np.sqrt(values**2 @ w)
    return values / norms[:, None], eval_jacobi(n[:, 0], power, power, 1.0) / norms, c, w
