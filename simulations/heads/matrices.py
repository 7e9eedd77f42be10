"""What the weights of a head say alone: symmetric and antisymmetric parts of M, definiteness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.setting.checks import InputError, finite_array
from theory.setting.heads import symmetric_and_rotation

NEGLIGIBLE = 1e-10  # of the largest eigenvalue: rounding of a product of two float32 matrices


@dataclass(frozen=True)
class MatrixParts:
    """M = S + K, and what S is.

    symmetry_score: 1 for a symmetric M, -1 for an antisymmetric one, about 0 for two independent
    maps. positive, negative: eigenvalues of S of each sign. negative_share: |S_-|^2/|S|^2, 0 where
    S is positive semidefinite, so that a key bias makes -x^T S y a squared distance.
    """

    symmetric_norm: float
    antisymmetric_norm: float
    symmetry_score: float
    positive: int
    negative: int
    negative_share: float


def symmetry_score(matrix) -> float:
    """2 |S|^2/|M|^2 - 1 with S the symmetric part of M (Saponati et al. 2025, arXiv 2502.10927).

    Raises InputError where M is 0.
    """
    m = finite_array("matrix", matrix, (None, None))
    total = (m**2).sum()
    if not total > 0:
        raise InputError("matrix: W_Q^T W_K is 0: this head has no score of its own")
    return float(2 * (symmetric_and_rotation(m)[0] ** 2).sum() / total - 1)


def parts(matrix) -> MatrixParts:
    """The parts of M (D, D). Raises InputError where M is 0."""
    score = symmetry_score(matrix)
    symmetric, antisymmetric = symmetric_and_rotation(matrix)
    values = np.linalg.eigvalsh(symmetric)
    values = values[np.abs(values) > NEGLIGIBLE * np.abs(values).max(initial=0)]
    total = (values**2).sum()
    return MatrixParts(
        float(np.linalg.norm(symmetric)),
        float(np.linalg.norm(antisymmetric)),
        score,
        int((values > 0).sum()),
        int((values < 0).sum()),
        float((values[values < 0] ** 2).sum() / total) if total else 0.0,
    )
