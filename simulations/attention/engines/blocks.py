"""The dense engine in many dimensions: blocks of scores and of weighted sums as matrix products,
exponentials between them.

Each block is one thread's, on a BLAS of one thread, so that results do not depend on the number of
threads.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np

from simulations.attention.engines.dense_kernels import exp2_rows
from simulations.blas import one_blas_thread

ROWS, KEYS = 128, 1024  # a block of scores, a megabyte, stays in the second-level cache
# dimensions and features together from which matrix products win (measured: about equal at 32,
# twice as fast at 128)
FROM_WIDTH = 40


def block_sums(queries, keys, base, values, exclude_self: bool) -> np.ndarray:
    """Sums over keys of 2^(q_i.k_j + base_j) times 1 and each value: (n, 1 + c) of queries (n, D),
    keys (nk, D), base (nk,), values (nk, c).

    Exponents must be known to lie within +-1000. Memory: a block a thread.
    """
    columns = np.ascontiguousarray(keys.T)
    ones_first = np.column_stack([np.ones(len(keys)), values])
    out = np.zeros((len(queries), ones_first.shape[1]))

    def add(first):
        rows, totals = queries[first : first + ROWS], out[first : first + ROWS]
        for start in range(0, len(keys), KEYS):
            weights = rows @ columns[:, start : start + KEYS]
            exp2_rows(weights, base[start : start + KEYS])
            if exclude_self:
                own = np.arange(max(first, start), min(first + len(rows), start + weights.shape[1]))
                weights[own - first, own - start] = 0.0
            totals += weights @ ones_first[start : start + KEYS]

    with one_blas_thread(), ThreadPoolExecutor(numba.get_num_threads()) as pool:
        list(pool.map(add, range(0, len(queries), ROWS)))
    return out
