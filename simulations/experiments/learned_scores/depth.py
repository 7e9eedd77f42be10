"""How fast features forget on which token they are, when one kernel is applied again and again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulations.heads.head import Context
from theory.setting.checks import InputError


def log_spreads(kernel, features, depths) -> np.ndarray:
    """log of the standard deviation over tokens of A^k H at the depths k, in units of that of H.

    kernel: A (n, n), rows that sum to 1; features: H (n, c), all columns together. The part that
    does not decay is taken out anew at each step, and the scale is kept apart, so that nothing is
    lost to rounding or underflow. Raises InputError for features that are constant.
    """
    apart = _centred(np.asarray(features, dtype=np.float64))
    size = np.linalg.norm(apart)
    if not size > 0:
        raise InputError("features: constant over the tokens, expected some spread")
    apart, log, found = apart / size, 0.0, []
    for depth in range(1, max(depths) + 1):
        # A 1 = 1: what is left of A H about its mean depends on H about its mean alone
        apart = _centred(kernel @ apart)
        size = np.linalg.norm(apart)
        if not size > 0:
            raise InputError("kernel: rows that are equal, expected attention that differs")
        apart, log = apart / size, log + np.log(size)
        if depth in depths:
            found.append(log)
    return np.array(found)


def moving_log_spreads(context: Context, w_q, w_k, depths) -> np.ndarray:
    """The same where tokens move, X <- A(X) X, and each layer scores them where they are: a wrong
    method, since no kernel is applied twice. w_q, w_k: linear maps with the head's own logits."""
    x = context.tokens
    first, found = np.linalg.norm(_centred(x)), []
    for depth in range(1, max(depths) + 1):
        moved = replace(context, queries=w_q(x), keys=w_k(x), tokens=x)
        x = moved.attention @ x
        if depth in depths:
            found.append(np.log(max(np.linalg.norm(_centred(x)), np.finfo(float).tiny) / first))
    return np.array(found)


def rates(logs, depths) -> np.ndarray:
    """Log of the factor a layer between successive depths, (..., depths - 1) of (..., depths)."""
    return np.diff(logs, axis=-1) / np.diff(depths)


def _centred(features):
    return features - features.mean(axis=0)
