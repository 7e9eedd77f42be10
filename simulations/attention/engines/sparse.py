"""Neighbour search with SciPy's k-d tree, and sparse matrices applied on all cores."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.linalg import LinearOperator
from scipy.spatial import cKDTree

from simulations.attention.engines import sparse_kernels

PAIRS_AT_ONCE = 2_000_000  # of the search; 24 bytes each, and some copies
_SHELL = (
    1.2  # queries are searched together with others whose radius is at most so many times theirs
)


def sparse_product(matrix: csr_array, values) -> np.ndarray:
    """The matrix (n, nk) times values (nk, c), (n, c): bit for bit the same for any number of
    threads.
    """
    out = np.empty((matrix.shape[0], values.shape[1]))
    sparse_kernels.csr_product(
        matrix.indptr, matrix.indices, matrix.data, np.ascontiguousarray(values.T), out
    )
    return out


def sparse_operator(matrix: csr_array) -> LinearOperator:
    """The matrix as an operator on features (nk,) or (nk, c), and its transpose."""
    return LinearOperator(
        matrix.shape,
        matvec=lambda h: sparse_product(matrix, np.asarray(h, dtype=np.float64).reshape(-1, 1))[
            :, 0
        ],
        matmat=lambda h: sparse_product(matrix, np.asarray(h, dtype=np.float64)),
        rmatvec=lambda v: matrix.T @ v,
        rmatmat=lambda v: matrix.T @ v,
        dtype=np.float64,
    )


def nearest(points, k: int) -> np.ndarray:
    """Numbers (n, k) of the k nearest among the points (n, D) of each of them, nearest first, the
    point itself among them.
    """
    return cKDTree(points).query(points, k, workers=-1)[1].reshape(len(points), -1)


def count_within(tree: cKDTree, queries, radii) -> np.ndarray:
    """How many of the tree's points lie within each query's radius, (n,)."""
    return tree.query_ball_point(queries, radii, return_length=True, workers=-1)


def pairs_within(
    tree: cKDTree, queries, radii, counts
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """All pairs closer than each query's radius, in batches: (rows, i, j, distance), where pair k
    is of query rows[i_k].

    radii (n,); counts (n,) as of `count_within`. The rows of all batches together are all queries,
    each once.
    """
    place = np.empty(len(queries), dtype=np.int64)
    place[cKDTree(queries).indices] = np.arange(len(queries))
    smallest = max(radii.min(), 1e-300)
    shell = np.floor(np.log(np.maximum(radii, smallest) / smallest) / np.log(_SHELL))
    order = np.lexsort((place, shell))
    batch = (np.cumsum(counts[order]) - 1).clip(0) // PAIRS_AT_ONCE
    change = (np.diff(shell[order]) != 0) | (np.diff(batch) != 0)
    for rows in np.split(order, np.flatnonzero(change) + 1):
        reach = radii[rows].max() * (1 + 1e-12)
        found = cKDTree(queries[rows]).sparse_distance_matrix(tree, reach, output_type="ndarray")
        found = found[found["v"] <= radii[rows][found["i"]]]
        yield rows, found["i"], found["j"], found["v"]
