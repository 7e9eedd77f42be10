"""The consensus value of attention with a symmetric score: its limit, and its law over samples.

docs/theory.md, "Consensus".
"""

from __future__ import annotations

import numpy as np

from theory.population import population
from theory.setting.checks import whole
from theory.setting.densities import Density
from theory.setting.quadrature import chart_quadrature


def squared_density_mean(p: Density, formula, nodes: int = 128) -> float:
    """int H p^2 dV/int p^2 dV: the limit of the consensus value."""
    u, w = chart_quadrature(p.manifold, nodes, p.support)
    square = w * p(u) ** 2
    return float(square @ p.manifold.function(formula)(u) / square.sum())


def density_mean(p: Density, formula, nodes: int = 128) -> float:
    """int H p dV: what plain averaging would give."""
    u, w = chart_quadrature(p.manifold, nodes, p.support)
    return float((w * p(u)) @ p.manifold.function(formula)(u))


def limit_variance(p: Density, formula, nodes: int = 128) -> float:
    """N Var[consensus value] as eps -> 0: 4 int (H-m)^2 p^3 dV/(int p^2 dV)^2."""
    u, w = chart_quadrature(p.manifold, nodes, p.support)
    values, h = p(u), p.manifold.function(formula)(u)
    m = squared_density_mean(p, formula, nodes)
    return float(4 * (w @ ((h - m) ** 2 * values**3)) / (w @ values**2) ** 2)


def sample_law(p: Density, formula, temperature: float, n_tokens: int) -> tuple[float, float]:
    """(mean, variance) of the consensus value of N i.i.d. tokens at this temperature, f = r^2/4.

    With s = 1/((N-1) kappa), kappa = int p K p, the N pairs of a token with itself add the constant
    s to the kernel k = K/kappa of all other pairs, and the consensus value is m + U(g)/U(k + s): a
    ratio of statistics of pairs, with g(x, y) = (k + s) ((H(x) + H(y))/2 - m) and m the mean of H
    that makes E g = 0. Its variance is Hoeffding's (1948, eq. 5.13),
    [4 (N-2) zeta_1 + 2 zeta_2]/(N (N-1) (1 + s)^2), zeta_1 = Var E[g|x], zeta_2 = Var g, and its
    bias less the same with the covariances of g and k. The next terms are of order 1/N^2.
    """
    n = whole("n_tokens", n_tokens, 3)
    tokens = population(p, temperature)
    h = tokens.features([formula])
    log_degree, after = tokens.averages(h)
    h, after, mass = h[:, 0], after[:, 0], tokens.mass
    kappa = mass @ np.exp(log_degree)
    degree = np.exp(log_degree) / kappa
    s, plain = 1 / ((n - 1) * kappa), mass @ h
    m = float((mass @ (degree * h) + s * plain) / (1 + s))
    projection = degree * ((h + after) / 2 - m) + s * ((h + plain) / 2 - m)
    # k, k^2 (the kernel at half the temperature) and 1 as weights of pairs
    once, once_squared = _pairs(tokens, formula, m)
    twice, twice_squared = _pairs(population(p, temperature / 2), formula, m)
    spread = mass @ (h - m) ** 2 / 2 + (plain - m) ** 2 / 2
    zeta_2 = twice_squared / kappa**2 + 2 * s * once_squared / kappa + s**2 * spread
    covariance_2 = twice / kappa**2 + s * once / kappa

    def of_pairs(first, second):
        return float((4 * (n - 2) * first + 2 * second) / (n * (n - 1)) / (1 + s) ** 2)

    bias = of_pairs(mass @ (projection * degree), covariance_2)
    return m - bias, of_pairs(mass @ projection**2, zeta_2)


def _pairs(tokens, formula, m: float):
    """E[K c] and E[K c^2] over pairs of tokens, c = (H(x) + H(y))/2 - m."""
    h = tokens.features([formula])[:, 0] - m
    log_degree, moments = tokens.averages(np.stack([h, h**2], axis=1))
    first = (h + moments[:, 0]) / 2
    second = h**2 / 4 + h * moments[:, 0] / 2 + moments[:, 1] / 4
    law = tokens.mass * np.exp(log_degree)
    return law @ first, law @ second
