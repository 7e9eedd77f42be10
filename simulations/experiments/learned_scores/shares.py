"""What a score is made of: the shares of its variance that a metric, and what is no metric, explain.

Of logits s(x, y) = (W_Q x + b_Q) . W_K y over independent tokens x, y of one law, with mean m and
covariance C, what softmax sees is s less its mean over the keys. It is an interaction
(x - m)^T M (y - m), M = W_Q^T W_K, plus a function of the key alone, and both are uncorrelated
(docs/theory.md, "What learning makes of a score").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulations.heads.head import Head
from theory.setting.checks import InputError
from theory.setting.heads import symmetric_and_rotation

PARTS = ("key", "positive", "negative", "antisymmetric")
# a metric with a key bias, of all; a metric, and any symmetric score, of the interaction
WITH_KEY, METRIC, SYMMETRIC = "metric and key bias", "metric", "symmetric"
SHARES = (WITH_KEY, METRIC, SYMMETRIC)


@dataclass(frozen=True)
class Law:
    """Of tokens (.., D): their mean (D,), and a root of their covariance (D, D)."""

    mean: np.ndarray
    root: np.ndarray

    @classmethod
    def of(cls, tokens) -> Law:
        """Raises InputError where all tokens are one."""
        flat = np.reshape(tokens, (-1, np.shape(tokens)[-1]))
        values, vectors = np.linalg.eigh(np.cov(flat, rowvar=False, bias=True))
        if not values[-1] > 0:
            raise InputError("tokens: got one point, expected tokens that differ")
        root = vectors * np.sqrt(np.maximum(values, 0.0)) @ vectors.T
        return cls(flat.mean(axis=0), root)


def parts(head: Head, law: Law) -> np.ndarray:
    """The variances of PARTS, (4,).

    N = C^(1/2) M C^(1/2): a metric has an interaction (x - m)^T P (y - m) with P >= 0, and the
    least |N - C^(1/2) P C^(1/2)|^2 leaves the antisymmetric part of N and the negative eigenvalues
    of its symmetric part (Higham 1988).
    """
    symmetric, rotation = symmetric_and_rotation(law.root @ head.matrix @ law.root)
    values = np.linalg.eigvalsh(symmetric)
    key = law.root @ (head.matrix.T @ law.mean + head.w_k.T @ head.b_q)
    return np.array(
        [
            key @ key,
            (np.maximum(values, 0.0) ** 2).sum(),
            (np.minimum(values, 0.0) ** 2).sum(),
            (rotation**2).sum(),
        ]
    )


def shares(variances) -> np.ndarray:
    """SHARES (..., 3) of PARTS (..., 4). Raises InputError where a score has no interaction."""
    key, positive, negative, antisymmetric = np.moveaxis(np.asarray(variances), -1, 0)
    symmetric = positive + negative
    interaction = symmetric + antisymmetric
    if not (interaction > 0).all():
        raise InputError("weights: a score is constant: it has no interaction to be divided")
    return np.stack(
        [
            (key + positive) / (key + interaction),
            positive / interaction,
            symmetric / interaction,
        ],
        axis=-1,
    )


def same_spectra(head: Head, rng) -> Head:
    """Random maps with the singular values of W_Q and of W_K, and b_Q as it is."""
    return Head(_turned(head.w_q, rng), _turned(head.w_k, rng), head.b_q)


def _turned(matrix, rng):
    rows, width = matrix.shape
    left, right = (_orthogonal(size, rng) for size in (rows, width))
    return left @ matrix @ right


def _orthogonal(size, rng):
    """Uniform on the orthogonal group (Mezzadri 2007)."""
    q, r = np.linalg.qr(rng.standard_normal((size, size)))
    return q * np.sign(np.diagonal(r))


def shuffled_pairs(heads: Sequence[Head]) -> list[Head]:
    """Every W_Q of a layer with every W_K of another head of it."""
    return [
        Head(one.w_q, other.w_k, one.b_q) for one in heads for other in heads if other is not one
    ]
