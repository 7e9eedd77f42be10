"""Tokens on the circle moved by attention, softmax or weights over N, and the angles between them."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.dynamics.evolve import evolve_tokens
from theory.claims import antipodal_clusters as claim
from theory.setting.pseudo_metrics import dot_product


def two_clusters(angle: float, first, second) -> np.ndarray:
    """Tokens (n, 2) at angle + first and at angle + pi + second, arrays of displacements."""
    angles = np.concatenate([angle + np.asarray(first), angle + np.pi + np.asarray(second)])
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def moved(tokens, diagonal, normalisation: str, share: float, steps) -> np.ndarray:
    """Tokens after each of the numbers of steps, (len(steps), n, 2): every step ends on the circle.

    share: h. Softmax takes the mean of what was there and of A X; weights over N add h times the
    part of sum_j e^(x_i^T K x_j) x_j/N along the circle. That part is the limit of both for h -> 0.
    """
    score = dot_product(np.diag(diagonal))
    if normalisation == claim.SOFTMAX:
        return evolve_tokens(tokens, score, 1.0, steps, share=share, normalised=True)
    x, done, kept = tokens, 0, []
    for target in steps:
        while done < target:
            operator = AttentionOperator(x, score, 1.0)
            mass = np.exp(operator.log_partition)[:, None] / len(x)
            pull = mass * (operator @ x)
            x = x + share * (pull - (pull * x).sum(axis=1, keepdims=True) * x)
            x, done = x / np.linalg.norm(x, axis=1, keepdims=True), done + 1
        kept.append(x)
    return np.array(kept)


def opening(tokens) -> np.ndarray:
    """Angle from the antipode of the first cluster back to the second, tokens (..., n, 2)."""
    half = tokens.shape[-2] // 2
    first, second = tokens[..., :half, :].mean(axis=-2), tokens[..., half:, :].mean(axis=-2)
    return angle_between(-first, second)


def angle_between(x, y) -> np.ndarray:
    """|angle| from vectors x to vectors y of the plane, (...,)."""
    cross = x[..., 0] * y[..., 1] - x[..., 1] * y[..., 0]
    return np.abs(np.arctan2(cross, (x * y).sum(axis=-1)))
