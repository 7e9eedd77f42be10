"""What the parts of the claims `first_order` and `entropy_production` share: heads with W_Q != W_K, features, norms of a fit."""

from __future__ import annotations

import numpy as np

from simulations.experiments.settings import probe_features
from theory.setting.checks import InputError
from theory.setting.expressions import compile_array
from theory.first_order import symmetric_and_rotation
from theory.setting.manifolds import Manifold, manifold
from theory.setting.scores import Score, bilinear, score

DOT_PRODUCT = "dot product"
STRETCH = 2.0  # ratio of the largest to the smallest singular value of W


def head(rng, dim: int) -> np.ndarray:
    """W = W_Q^T W_K for two random maps W_Q != W_K, (dim, dim), with singular values from 1 to STRETCH."""
    root = np.sqrt(np.linspace(1.0, STRETCH, dim))[:, None]
    w_q, w_k = (root * np.linalg.qr(rng.standard_normal((dim, dim)))[0] for _ in range(2))
    return w_q.T @ w_k


def tilted_rotation(rng, size: float = 1.0, dim: int = 3) -> np.ndarray:
    """B = S + K of a head, (dim, dim), both parts of the same Frobenius norm `size`, S without trace."""
    s, k = symmetric_and_rotation(head(rng, dim))
    s = s - np.eye(dim) * np.trace(s) / dim
    return size * (s / np.linalg.norm(s) + k / np.linalg.norm(k))


def asymmetric_score(spec: str, m: Manifold, rng) -> Score:
    """The score of a case: `DOT_PRODUCT` for a random head, else a formula in x1.. and y1..; raises InputError."""
    return bilinear(head(rng, m.ambient_dim)) if spec == DOT_PRODUCT else score(spec, m.ambient_dim)


def check_score(name: str, spec: str, on: str) -> str:
    """Raise InputError unless the score of a case can be read on its manifold."""
    try:
        asymmetric_score(spec, manifold(on), np.random.default_rng(0))
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
    return spec


class Features:
    """The probe features of a manifold: `formulas`, their values at chart points, and random mixtures of them."""

    def __init__(self, m: Manifold):
        self.formulas = probe_features(m)
        self._evaluate = compile_array(m.symbols, self.formulas, (len(self.formulas),))

    def __call__(self, u) -> np.ndarray:
        """(n, c) at u (n, d)."""
        return self._evaluate(u)

    def mixtures(self, rng, count: int = 24) -> np.ndarray:
        """Independent random combinations, (c, count): what an interval of an order is made of."""
        return rng.standard_normal((len(self.formulas), count)) / np.sqrt(len(self.formulas))


def rms(errors, mix) -> np.ndarray:
    """Root mean square over the points of each mixture of errors (n, c), shape (count,)."""
    return np.sqrt(((errors @ mix) ** 2).mean(axis=0))


def ratio(measured, predicted) -> float:
    """Least-squares factor of `predicted` in `measured`, both (n, c)."""
    return float((measured * predicted).sum() / (predicted**2).sum())
