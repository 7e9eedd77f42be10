"""Compiled product of a sparse matrix with a few vectors; the order of every sum is that of the
row's entries.
"""

from __future__ import annotations

from numba import prange

from theory.setting.compiled import njit

BLOCK = 256  # rows


@njit(parallel=True, error_model="numpy", cache=True)
def csr_product(indptr, indices, data, values, out):
    """out (n, c) = the n x nk matrix in compressed sparse rows times the values, (c, nk)."""
    n = indptr.shape[0] - 1
    for block in prange((n + BLOCK - 1) // BLOCK):
        for i in range(block * BLOCK, min(n, (block + 1) * BLOCK)):
            for f in range(values.shape[0]):
                total = 0.0
                for k in range(indptr[i], indptr[i + 1]):
                    total += data[k] * values[f, indices[k]]
                out[i, f] = total
