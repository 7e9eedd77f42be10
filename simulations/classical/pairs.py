"""Attention on given pairs: neighbours, the edges of a graph, what a mask leaves."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.linalg import LinearOperator

from simulations.attention.engines.problem import require_keys
from simulations.attention.engines.sparse import sparse_operator
from theory.setting.checks import InputError, log_weights


def pair_attention(exponents, queries, keys, shape: tuple[int, int]) -> LinearOperator:
    """a_ij = exp(t_ij)/sum over the pairs of i, an operator of that shape (n queries, m keys).

    exponents: t = -f/eps of each pair (p,), -inf for weight zero; queries, keys: numbers (p,) of
    its query and its key. A pair that is given twice counts twice. Raises InputError where a query
    is left with no key.
    """
    n, m = shape
    i, j = (np.asarray(numbers) for numbers in (queries, keys))
    t = log_weights("exponents", exponents, len(i))
    for name, numbers, most in (("queries", i, n), ("keys", j, m)):
        if numbers.shape != t.shape or numbers.dtype.kind not in "iu":
            raise InputError(f"{name}: got shape {numbers.shape}, expected {len(t)} whole numbers")
        if len(t) and not (0 <= numbers.min() and numbers.max() < most):
            raise InputError(
                f"{name}: got numbers from {numbers.min()} to {numbers.max()}, expected 0 to "
                f"{most - 1}"
            )
    top = np.full(n, -np.inf)
    np.maximum.at(top, i, t)
    require_keys(top == -np.inf)
    weights = np.exp(t - top[i])
    weights /= np.bincount(i, weights, n)[i]
    return sparse_operator(csr_array((weights, (i, j)), shape=shape))
