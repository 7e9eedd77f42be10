"""Sum of the squared weights of a query: one over the number of keys that it attends to."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from theory.setting.pseudo_metrics import dot_product

SCORE = dot_product()


def attention(queries, keys, scale: float) -> AttentionOperator:
    """Attention of queries (n, D) to keys (m, D) with weights proportional to exp(scale x.y)."""
    return AttentionOperator(queries, SCORE, 1 / scale, keys=keys, engine="dense")


def participation(queries, keys, scale: float) -> np.ndarray:
    """sum_j a_ij^2 of every query, (n,), from two log-partitions: Z(2 beta)/Z(beta)^2."""
    once, twice = (attention(queries, keys, k * scale).log_partition for k in (1, 2))
    return np.exp(twice - 2 * once)
