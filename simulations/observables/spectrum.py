"""The spectrum of an attention operator."""

from __future__ import annotations

import numpy as np
from scipy.sparse.linalg import LinearOperator, eigsh

from simulations.attention import AttentionOperator
from theory.setting.checks import InputError, finite_array, fits, whole

# up to this many tokens a matrix is cheaper than the operator it stands for
EXPLICIT = 600
VECTOR_BYTES = 16  # of an entry of Lanczos's basis and of what is read off it
_RESTARTS = 4  # of Lanczos's method, and of the search for what it missed: a usual number


def explicit(operator):
    """The operator as a matrix if it is small, else as it is."""
    return operator @ np.eye(operator.shape[1]) if max(operator.shape) <= EXPLICIT else operator


def symmetrised(operator) -> LinearOperator:
    """D^(1/2) A D^(-1/2) with D the stationary law: symmetric, with the eigenvalues of A.

    operator: self-attention with a symmetric pseudo-metric. Raises InputError where a token has
    stationary weight 0.
    """
    root = np.sqrt(operator.stationary_law)
    if not (root > 0).all():
        raise InputError(
            f"stationary law: {int((root == 0).sum())} of {len(root)} tokens have weight 0, "
            f"expected all > 0"
        )
    action = explicit(operator)

    def apply(x):
        return root * (action @ (x.ravel() / root))

    return LinearOperator(operator.shape, matvec=apply, dtype=np.float64)


def leading_eigenpairs(
    operator, count: int, rng, tolerance: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """The `count` largest eigenvalues of self-attention, decreasing, and eigenfunctions (n, count).

    Lanczos's method sees one vector of an eigenspace that is degenerate to rounding, so what
    remains after deflation is searched until nothing larger is left. Eigenfunctions are orthonormal
    in the stationary law. rng starts the iteration; `tolerance` is relative, 0 for rounding.
    """
    count = whole("count", count, 1)
    if isinstance(operator, AttentionOperator):
        operator = operator.for_applications(_RESTARTS * _lanczos_vectors(count, operator.shape[0]))
    symmetric = symmetrised(operator)
    n = symmetric.shape[0]
    if count > n // 2:
        raise InputError(f"count: got {count} eigenvalues of {n} tokens, expected at most {n // 2}")
    fits("count", n * _lanczos_vectors(count, n), VECTOR_BYTES, f"{count} of {n} tokens")
    values, vectors = _lanczos(symmetric, count, rng, tolerance)
    while True:
        rest = _deflated(symmetric, values, vectors)
        extra, direction = _lanczos(rest, 1, rng, max(tolerance, 1e-4))
        if extra[0] <= values[-1] * (1 + 1e-4):
            break
        # the copy that was missed, at full accuracy, takes the place of the smallest
        extra, direction = _lanczos(rest, 1, rng, tolerance, direction[:, 0])
        order = np.argsort(-np.append(values, extra))[:count]
        values, vectors = np.append(values, extra)[order], np.hstack([vectors, direction])[:, order]
    return values, vectors / np.sqrt(operator.stationary_law)[:, None]


def _lanczos_vectors(count, n):
    return min(n, max(2 * count + 1, 24))


def _lanczos(symmetric, count, rng, tolerance, start=None):
    n = symmetric.shape[0]
    start = rng.standard_normal(n) if start is None else start
    size = _lanczos_vectors(count, n)
    values, vectors = eigsh(symmetric, k=count, which="LA", tol=tolerance, v0=start, ncv=size)
    order = np.argsort(-values)
    return values[order], vectors[:, order]


def _deflated(symmetric, values, vectors):
    def apply(x):
        return symmetric @ x - vectors @ (values * (vectors.T @ x))

    return LinearOperator(symmetric.shape, matvec=apply, dtype=np.float64)


def group_by_gaps(values, n_groups: int) -> np.ndarray:
    """Sizes of the `n_groups` runs into which the widest gaps cut the sorted values (n,).

    They are the observed multiplicities.
    """
    values = np.sort(finite_array("values", values, (None,)))
    if not 1 <= whole("n_groups", n_groups, 1) <= len(values):
        raise InputError(
            f"n_groups: got {n_groups} for {len(values)} values, expected at most as many"
        )
    cuts = np.sort(np.argsort(-np.diff(values))[: n_groups - 1]) + 1
    return np.diff([0, *cuts, len(values)])
