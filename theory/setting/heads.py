"""Random attention heads with W_Q != W_K, from a seed: both sides of the suite see the same W."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from theory.setting.checks import InputError, finite_array, shown
from theory.setting.manifolds import Manifold
from theory.setting.scores import Score, bilinear, score
from theory.setting.smoothness import KINK, inner_flaw

DOT_PRODUCT = "dot product"
STRETCH = 2.0  # ratio of the largest to the smallest singular value of W


def head(rng, dim: int) -> np.ndarray:
    """W = W_Q^T W_K for two random maps W_Q != W_K, (dim, dim), singular values 1 to STRETCH."""
    root = np.sqrt(np.linspace(1.0, STRETCH, dim))[:, None]
    w_q, w_k = (root * np.linalg.qr(rng.standard_normal((dim, dim)))[0] for _ in range(2))
    return w_q.T @ w_k


def symmetric_and_rotation(matrix) -> tuple[np.ndarray, np.ndarray]:
    """B = S + K, symmetric and antisymmetric. On a sphere P_x B^T x = grad(x^T S x/2) - K x:
    S tilts the density, K rotates (docs/theory.md, "Dot products near the identity")."""
    b = finite_array("matrix", matrix, (None, None))
    return (b + b.T) / 2, (b - b.T) / 2


def tilted_rotation(rng, size: float, dim: int) -> np.ndarray:
    """B = S + K of a head, (dim, dim), both parts of Frobenius norm `size`, S without trace."""
    s, k = symmetric_and_rotation(head(rng, dim))
    s = s - np.eye(dim) * np.trace(s) / dim
    return size * (s / np.linalg.norm(s) + k / np.linalg.norm(k))


def asymmetric_score(name: str, spec: str, m: Manifold, rng, kinks: bool = False) -> Score:
    """The score of the option `name`: DOT_PRODUCT for a random head, else a formula in x1.., y1..

    Raises InputError, with the name of the option, for a formula that cannot be read, is not
    finite for all pairs of points, or, unless `kinks` do no harm, not smooth: what the limits take
    of it is its derivatives.
    """
    if spec == DOT_PRODUCT:
        return bilinear(head(rng, m.ambient_dim))
    f = score(spec, m.ambient_dim, name)
    expression, v = f.in_chart(m)
    keys = [replace(axis, symbol=s) for axis, s in zip(m.axes, v, strict=True)]
    found = inner_flaw((*m.axes, *keys), expression, quoted=True)
    if found and not (kinks and found.kind == KINK):
        raise InputError(
            f"{name}: {shown(spec)} {found.words}; expected a formula that is "
            f"{'finite' if kinks else 'smooth'} for all pairs of points of {m.name}"
        )
    return f
