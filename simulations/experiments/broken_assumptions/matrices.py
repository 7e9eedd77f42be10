"""Attention of few tokens as a matrix."""

from __future__ import annotations

import numpy as np


def symmetric_matrix(operator) -> np.ndarray:
    """D^(1/2) A D^(-1/2) with D the stationary law, (n, n): symmetric, with the eigenvalues of A."""
    root = np.sqrt(operator.stationary_law)
    matrix = root[:, None] * (operator @ np.eye(len(root))) / root
    return (matrix + matrix.T) / 2


def eigenvalue_rounding(n: int) -> float:
    """A bound on the rounding of the eigenvalues of `symmetric_matrix`, whose norm is 1.

    The solver is backward stable with an error of about one unit in the last place a row (LAPACK
    Users' Guide, section 4.7.1), and the sums of n weights err by no more.
    """
    return 2 * n * np.finfo(np.float64).eps
