"""Tokens at one pairwise cosine, one step of attention, and the cosines that it leaves."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.statistics.intervals import Interval, exact, rounding_of_sums
from theory.claims import equal_cosines as claim
from theory.setting.pseudo_metrics import dot_product


def equal_tokens(n: int, cosine: float, seed: int) -> np.ndarray:
    """n unit tokens of R^(n+1), every pair at that cosine: (n, n + 1), reflected at random.

    sqrt(rho) e_0 + sqrt(1 - rho) e_i; Householder's reflection fills all coordinates.
    """
    x = np.sqrt(1 - cosine) * np.eye(n, n + 1, 1)
    x[:, 0] = np.sqrt(cosine)
    v = np.random.default_rng([seed, 103, n]).standard_normal(n + 1)
    v /= np.linalg.norm(v)
    return x - 2 * np.outer(x @ v, v)


def operator(x, gamma: float, queries: int | None = None) -> AttentionOperator:
    """Attention of the first tokens, or of all, to all at beta = gamma log n."""
    some = x[:queries]
    return AttentionOperator(some, dot_product(), 1 / (gamma * np.log(len(x))), keys=x)


def output_cosines(x, gamma: float, queries: int | None = claim.N_QUERIES) -> np.ndarray:
    """Cosines of all pairs of outputs of one step, (pairs,)."""
    y = operator(x, gamma, queries) @ x
    y /= np.linalg.norm(y, axis=1, keepdims=True)
    return (y @ y.T)[np.triu_indices(len(y), 1)]


def known(cosines, n: int, gamma: float) -> Interval:
    """Their mean, known to rounding: of scores, sums of n + 1 terms times beta, and of the sums
    over keys."""
    value, size = float(np.mean(cosines)), 1 + gamma * np.log(n)
    return exact(value, rounding_of_sums(n + 1, size), f"rounding of sums of {n + 1} terms")
