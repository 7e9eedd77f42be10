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

    The consensus value is a ratio of two statistics of pairs, sum k_ij (h_i + h_j)/2 over sum k_ij.
    Its N diagonal pairs draw it by s = 1/((N-1) kappa), kappa = int p K p, to the plain mean of H.
    Without them the variance of a statistic of pairs is Hoeffding's (1948, eq. 5.13),
    [4 (N-2) zeta_1 + 2 zeta_2]/(N (N-1)), with g(x, y) = K(x, y) ((H(x) + H(y))/2 - m)/kappa,
    zeta_1 = Var E[g|x], zeta_2 = Var g. A ratio is biased by less the covariance of numerator and
    denominator, the same sum with the covariances of g and K/kappa. Next terms are of order 1/N^2
    in the mean and, relatively, 1/N in the variance.
    """
    n = whole("n_tokens", n_tokens, 3)
    tokens = population(p, temperature)
    h = tokens.features([formula])[:, 0]
    log_degree, after = tokens.averages(h[:, None])
    degree, after = np.exp(log_degree), after[:, 0]
    kappa = tokens.mass @ degree
    law = tokens.mass * degree / kappa
    m, plain = float(law @ h), float(tokens.mass @ h)
    # E[g|x] = K1(x) ((h + A h)/2 - m)/kappa
    projection = degree * ((h + after) / 2 - m) / kappa
    zeta_1 = tokens.mass @ projection**2
    covariance_1 = tokens.mass @ (projection * degree) / kappa
    # K^2 is the kernel at half the temperature
    sharper = population(p, temperature / 2)
    h2 = sharper.features([formula])[:, 0] - m
    log_square, moments = sharper.averages(np.stack([h2, h2**2], axis=1))
    square = np.exp(log_square)
    pair = h2**2 / 4 + h2 * moments[:, 0] / 2 + moments[:, 1] / 4
    zeta_2 = sharper.mass @ (square * pair) / kappa**2
    covariance_2 = sharper.mass @ (square * (h2 + moments[:, 0]) / 2) / kappa**2
    s = 1 / ((n - 1) * kappa)

    def of_pairs(first, second):
        return (4 * (n - 2) * first + 2 * second) / (n * (n - 1)) / (1 + s) ** 2

    mean = (m + s * plain) / (1 + s) - of_pairs(covariance_1, covariance_2)
    return float(mean), float(of_pairs(zeta_1, zeta_2))
