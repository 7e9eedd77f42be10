"""Attention over n unit tokens at one pairwise cosine, in closed form.

Source: "A critical inverse temperature" in docs/theory.md; Chen, Lin, Polyanskiy and Rigollet
(arXiv 2510.05554). Nothing here knows the attention operator.
"""

from __future__ import annotations

import math


def own_weight(n: int, gamma: float, cosine: float) -> float:
    """p = 1/(1 + (n - 1) n^(-gamma (1 - rho))), what a token gives itself at beta = gamma log n."""
    return 1 / (1 + (n - 1) * math.exp(-gamma * (1 - cosine) * math.log(n)))


def output_cosine(n: int, gamma: float, cosine: float) -> float:
    """The cosine of two outputs of one step, exactly at n tokens."""
    p = own_weight(n, gamma, cosine)
    q = (1 - p) / (n - 1)
    # outputs (p - q) x_i + q s, s the sum of the tokens: s.x_i = c and |s|^2 = n c
    c = 1 + (n - 1) * cosine
    shared = 2 * (p - q) * q * c + q**2 * n * c
    return ((p - q) ** 2 * cosine + shared) / ((p - q) ** 2 + shared)


def limit_cosine(share: float, cosine: float) -> float:
    """Its limit of many tokens by share = gamma (1 - rho): 1 below 1, rho above, between them at 1."""
    if share == 1:
        return 4 * cosine / (1 + 3 * cosine)
    return 1.0 if share < 1 else cosine


def order_of_limit(share: float) -> float:
    """The order in 1/n of the cosine's distance from its limit: 2 (1 - share) below 1, share - 1
    above, 1 at 1."""
    if share == 1:
        return 1.0
    return 2 * (1 - share) if share < 1 else share - 1


def half_gamma(n: int, cosine: float) -> float:
    """gamma at which p = 1/2: log(n - 1)/((1 - rho) log n)."""
    return math.log(n - 1) / ((1 - cosine) * math.log(n))
