"""Attention over Gaussian keys, in closed form: an affine map, and the covariances that follow.

Source: "Gaussian tokens" in docs/theory.md; Castin, Ablin, Carrillo and Peyre (arXiv 2501.18322).
Nothing here knows the attention operator.
"""

from __future__ import annotations

import numpy as np

from theory.setting.checks import positive, whole


def dot_product_map(mean, covariance, score) -> tuple[np.ndarray, np.ndarray]:
    """(offset (d,), matrix (d, d)) of A x = m + S A^T x: keys N(m, S), weights exp(x^T A y)."""
    return np.asarray(mean), np.asarray(covariance) @ np.asarray(score).T


def kernel_map(mean, covariance, temperature: float) -> tuple[np.ndarray, np.ndarray]:
    """(offset (d,), matrix (d, d)) of A x = m + B (x - m), B = S (S + 2 eps)^-1: f = |x-y|^2/4."""
    m, s = np.asarray(mean), np.asarray(covariance)
    b = s @ np.linalg.inv(s + 2 * positive("temperature", temperature) * np.eye(len(s)))
    return m - b @ m, b


def moved_dot_product(mean, covariance, score, share: float, steps: int, *, residual=1.0):
    """(m, S) of Gaussian tokens after so many steps X <- r X + h A X with the score x^T A y.

    share: h; residual: r, 1 for the claim, 0 for a step without what was there.
    """
    m, s = np.asarray(mean), np.asarray(covariance)
    for _ in range(whole("steps", steps, 0)):
        offset, matrix = dot_product_map(m, s, score)
        step = residual * np.eye(len(m)) + share * matrix
        m, s = step @ m + share * offset, step @ s @ step.T
    return m, s


def moved_kernel(mean, covariance, temperature: float, steps: int):
    """(m, S) of Gaussian tokens after so many steps X <- A X with f = |x-y|^2/4: S -> B S B^T."""
    m, s = np.asarray(mean), np.asarray(covariance)
    for _ in range(whole("steps", steps, 0)):
        offset, matrix = kernel_map(m, s, temperature)
        m, s = offset + matrix @ m, matrix @ s @ matrix.T
    return m, s


def blow_up_time(variance: float) -> float:
    """1/(2 S_0): dS/dt = 2 S^2 on the line with A = 1, so 1/S = 1/S_0 - 2 t."""
    return 1 / (2 * positive("variance", variance))
