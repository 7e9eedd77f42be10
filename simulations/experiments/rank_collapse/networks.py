"""Random networks of self-attention without MLP, and the norms of the theorem."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.claims import rank_collapse as claim


@dataclass(frozen=True)
class Layer:
    """Of H heads: W_QK (H, D, D), scores x^T W_QK y/sqrt(D); W_V (H, D, D), the projection of the
    output included."""

    scores: np.ndarray
    values: np.ndarray

    @property
    def temperature(self) -> float:
        """sqrt(d_qk), d_qk = D."""
        return float(np.sqrt(self.scores.shape[-1]))


def composite_norm(x) -> float:
    """|x|_{1,inf} = sqrt(|x|_1 |x|_inf) (Dong et al. 2021): the largest column and row sum of |x|."""
    size = np.abs(x)
    return float(np.sqrt(size.sum(axis=0).max() * size.sum(axis=1).max()))


def residual(x) -> np.ndarray:
    """x less the row that all its rows are nearest to in |.|_1, the medians of its columns, (n, D)."""
    return x - np.median(x, axis=0)


def bounded_layers(dim: int, n_heads: int, depth: int, rng) -> list[Layer]:
    """Gaussian weights scaled to |W_QK|_1 = 1 and |W_V|_{1,inf} = 1 of every head: beta = 1, exactly."""
    layers = []
    for _ in range(depth):
        scores, values = rng.standard_normal((2, n_heads, dim, dim))
        scores /= np.abs(scores).sum(axis=1).max(axis=1)[:, None, None]
        values /= np.array([composite_norm(v) for v in values])[:, None, None]
        layers.append(Layer(scores, values))
    return layers


def scaled_factor(dim: int, n_heads: int) -> float:
    """K = 4 beta H/sqrt(d_qk) at beta = 1."""
    return claim.FACTOR * n_heads / np.sqrt(dim)


def plain_layers(dim: int, spread: float, depth: int, rng) -> list[Layer]:
    """One head: Gaussian W_QK with entries of variance spread^2/D, W_V a random rotation."""
    layers = []
    for _ in range(depth):
        scores = spread * rng.standard_normal((1, dim, dim)) / np.sqrt(dim)
        values, _ = np.linalg.qr(rng.standard_normal((dim, dim)))
        layers.append(Layer(scores, values[None]))
    return layers
