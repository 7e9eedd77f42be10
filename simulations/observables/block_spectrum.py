"""The largest eigenvalues of a symmetric operator by a block method of Lanczos: a multiplet no
larger than the block is found whole, and the operator acts on many vectors at once.

Golub and Underwood 1977 (the block method of Lanczos), with full orthogonalisation and a restart
from the Ritz vectors.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import LinAlgError, cholesky, solve_triangular

from simulations.attention import AttentionOperator
from simulations.observables.spectrum import symmetrised
from theory.setting.checks import InputError, fits, whole

STEPS = 16  # blocks in the basis before a restart: memory 8 n block STEPS bytes
RESTARTS = 50


class NoConvergence(ArithmeticError):
    """The residuals stay above the tolerance."""


def block_eigenpairs(
    operator, count: int, rng, tolerance: float, block: int
) -> tuple[np.ndarray, np.ndarray]:
    """As `simulations.observables.spectrum.leading_eigenpairs`, with `block` >= count vectors at
    once: faster where the operator takes many features at a time, and where residuals of
    `tolerance` are enough. A multiplet larger than the block lacks copies.
    """
    count = whole("count", count, 1)
    block, n = whole("block", block, count), operator.shape[0]
    if 2 * block > n:
        raise InputError(f"block: got {block} vectors of {n} tokens, expected at most {n // 2}")
    # the basis, and the vectors that it is applied to
    fits("block", n * block * (STEPS + 4), 8, f"{block} vectors of {n} tokens")
    if isinstance(operator, AttentionOperator):
        operator = operator.for_applications(STEPS)
    symmetrised(operator)  # refuses a weight of 0
    root = np.sqrt(operator.stationary_law)[:, None]

    def apply(vectors):
        return root * (operator @ (vectors / root))

    values, vectors = block_lanczos(apply, n, count, block, rng, tolerance)
    return values, vectors / root


def block_lanczos(
    apply, n: int, count: int, block: int, rng, tolerance: float
) -> tuple[np.ndarray, np.ndarray]:
    """The `count` largest eigenvalues, decreasing, and orthonormal eigenvectors (n, count).

    apply: (n, block) -> (n, block), symmetric. block >= count. Each residual |A v - mu v| is at most
    `tolerance` |mu|; the error of an eigenvalue apart from the others is about its square. Raises
    NoConvergence.
    """
    steps = max(2, min(STEPS, n // block))
    tolerance = max(tolerance, 1e-14)
    start, basis = rng.standard_normal((n, block)), np.empty((n, steps * block), order="F")
    for _ in range(RESTARTS):
        matrix = np.zeros((steps * block, steps * block))
        basis[:, :block] = _orthonormal(start)[0]
        for step in range(steps):
            size = (step + 1) * block
            known, own = basis[:, :size], slice(size - block, size)
            new = apply(basis[:, own])
            matrix[:size, own] = known.T @ new
            new -= known @ matrix[:size, own]
            again = known.T @ new
            new -= known @ again
            matrix[:size, own] += again
            new, factor = _orthonormal(new)
            upper = np.triu(matrix[:size, :size])
            values, vectors = np.linalg.eigh(upper + np.triu(upper, 1).T)
            values, vectors = values[::-1][:block], vectors[:, ::-1][:, :block]
            residuals = np.linalg.norm(factor @ vectors[own, :count], axis=0)
            if (residuals <= tolerance * np.abs(values[:count])).all():
                return values[:count], known @ vectors[:, :count]
            if step + 1 < steps:
                basis[:, size : size + block] = new
        start = basis @ vectors
    raise NoConvergence(f"residuals {residuals.max():.1g}, expected at most {tolerance:.1g}")


def _orthonormal(vectors):
    """Q and R of the vectors (n, block); Cholesky's method twice, or Householder's where that
    fails."""
    try:
        q, first = _cholesky_qr(vectors)
        q, second = _cholesky_qr(q)
        return q, second @ first
    except LinAlgError:
        return np.linalg.qr(vectors)


def _cholesky_qr(vectors):
    factor = cholesky(vectors.T @ vectors)
    return solve_triangular(factor, vectors.T, trans="T").T, factor
