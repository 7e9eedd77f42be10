"""Second harmonics as features, by the points themselves."""

from __future__ import annotations

import numpy as np


def second_harmonics(x) -> np.ndarray:
    """x_i x_j - delta_ij/D of points (n, D): their squares sum to 1 - 1/D on the unit sphere.

    As features (n, D (D+1)/2), those off the diagonal times sqrt(2).
    """
    dim = x.shape[1]
    i, j = np.triu_indices(dim)
    return np.where(i == j, 1.0, np.sqrt(2.0)) * (x[:, i] * x[:, j] - (i == j) / dim)
