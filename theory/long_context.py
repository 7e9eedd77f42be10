"""How concentrated attention is over N i.i.d. keys: the expected participation E sum_j a_j^2.

Uniform keys on the unit sphere S^d, a query x that is none of them, score beta x.y. The keys near
the query are a Poisson process, so that as N grows with 1/s effective neighbours kept, the weights
tend to exp(-c T_j^(2/d)) normalised, T_j the arrivals of a unit Poisson process and
c = (Gamma(d/2 + 1) s)^(2/d): on S^2 exp(-2 b T_j) with b = beta/N = s/2 (Bruno, Rigollet et al.
2026, arXiv 2605.08505). By 1/S^2 = int_0^inf u e^(-u S) du the expectation is one integral
(docs/theory.md, "Long contexts"). It is written in v = log u, in which the integrands have one
width however large s is.
"""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise

import numpy as np
from scipy.optimize import brentq
from scipy.special import betainc, gamma

from theory.claims import long_context as claim
from theory.setting.checks import positive, whole

_NODES, _PANEL = 120, 40  # Gauss-Legendre nodes of integrals over the keys, of a panel in v
_SEEN, _UNSEEN = 4.0, 40.0  # 1 - exp(-e^x) is 1 from there on, and 0 before minus this
_GONE = 45.0  # of exponents: 3e-20
_FIRST = -40.0  # log u below which u^2 is nothing
_gauss = cache(np.polynomial.legendre.leggauss)


def poisson_participation(dim: int, s: float) -> float:
    """E sum_j a_j^2 of the Poisson law with 1/s effective neighbours in dimension d.

    int_0^inf u A(u) e^(-Phi(u)) du, Phi(u) = (1/s) int_0^inf (1 - e^(-u K)) q^(d/2-1) dq/Gamma(d/2)
    with K = e^-q, and A(u) the same integral of K^2 e^(-u K): in d = 2 with theta = 1/s
    int u theta (1 - e^-u (1+u))/u^2 e^(-theta Ein(u)) du (arXiv 2605.08505).
    """
    half, number = whole("dim", dim, 1) / 2, 1 / positive("s", s)
    last = (_GONE * math.gamma(half + 1) / number) ** (1 / half)  # Phi is _GONE there

    def law(v):
        # q = z^2 takes the singularity of q^(d/2-1) away
        low, high = np.sqrt(np.maximum(v - _SEEN, 0)), np.sqrt(np.maximum(v, 0) + _UNSEEN)
        z, dz = _between(low, high)
        shell = 2 * z ** (dim - 1) * dz / gamma(half)
        seen, square = _of_keys(v[:, None] - z**2, shell)
        return number * (low**dim / gamma(half + 1) + seen), number * square

    total = 0.0
    for v, dv in _panels(last):
        absent, square = law(v)
        total += float(dv @ (square * np.exp(-absent)))
    return total


def participation(dim: int, n_keys: int, scale: float) -> float:
    """E sum_j a_j^2 over N uniform keys on S^d at score beta x.y, exactly at any N and beta.

    N int u E[K^2 e^(-u K)] (E e^(-u K))^(N-1) du with K = exp(-beta (1 - cos angle)).
    """
    n, beta, half = whole("n_keys", n_keys, 2), positive("scale", scale), dim / 2
    last = (_GONE * math.gamma(half + 1) / claim.neighbours(dim, n, beta)) ** (1 / half)
    constant = gamma(half + 0.5) / (math.sqrt(math.pi) * gamma(half))

    def angle(q):
        # q = beta (1 - cos angle) = 2 beta sin^2(angle/2)
        return 2 * np.arcsin(np.sqrt(np.clip(q / (2 * beta), 0, 1)))

    total = 0.0
    for v, dv in _panels(min(last, 2 * beta + _GONE)):
        low = np.clip(v - _SEEN, 0, 2 * beta)
        t, dt = _between(angle(low), angle(np.maximum(v, 0) + _UNSEEN))
        shell = constant * np.sin(t) ** (dim - 1) * dt
        seen, square = _of_keys(v[:, None] - 2 * beta * np.sin(t / 2) ** 2, shell)
        absent = betainc(half, half, low / (2 * beta)) + seen
        # one key is as good as surely seen where all are: the powers have long vanished
        total += float(
            dv @ (n * square * np.exp((n - 1) * np.log1p(-np.minimum(absent, 1 - 1e-16))))
        )
    return total


def _of_keys(x, shell):
    """Integrals over the keys of 1 - e^(-u K) and (u K)^2 e^(-u K), at x = log(u K), (m, nodes)."""
    present = np.exp(np.minimum(x, _GONE))
    return (-np.expm1(-present) * shell).sum(axis=1), (present**2 * np.exp(-present) * shell).sum(
        axis=1
    )


def _between(low, high):
    """Gauss-Legendre nodes and weights between (m,) and (m,): (m, nodes) each."""
    x, w = _gauss(_NODES)
    half = (high - low)[:, None] / 2
    return low[:, None] + half * (x + 1), half * w


def _panels(last):
    """Nodes and weights in v from _FIRST to `last`, in panels that double in length."""
    edges = [_FIRST, -20.0, -10.0, -5.0, 0.0]
    while edges[-1] < last:
        edges.append(min(max(2.5, 2 * edges[-1]), max(last, 2.5)))
    x, w = _gauss(_PANEL)
    for low, high in pairwise(edges):
        yield low + (high - low) / 2 * (x + 1), (high - low) / 2 * w


def copying_law(dim: int, s: float) -> float:
    """1 - E sum_j a_j^2 to leading order in 1/s: Gamma(2-a)/(a c), a = 2/d and c of the module.

    Two keys share the weight where their T^a differ by 1/c; that difference has the density
    Gamma(2-a)/a at 0. In d = 1 that density is infinite, and there is no such law.
    """
    power = 2 / dim
    rate = (gamma(dim / 2 + 1) * positive("s", s)) ** power
    return float(gamma(2 - power) / (power * rate))


def averaging_law(dim: int, s: float) -> float:
    """E sum_j a_j^2 to leading order in s: 2^(-d/2) s = (8 pi eps)^(-d/2)/(N p) ("Sampling noise")."""
    return 2 ** (-dim / 2) * positive("s", s)


def critical_scale(dim: int, n_keys: int, level: float = 0.5) -> float:
    """The scale beta at which E sum_j a_j^2 over N uniform keys on S^d is `level`, 1/N < level < 1."""

    def excess(log_beta):
        return participation(dim, n_keys, math.exp(log_beta)) - level

    near = math.log(claim.scale(dim, n_keys, 1.0))
    return math.exp(brentq(excess, near - 3, near + 5, xtol=1e-10))
