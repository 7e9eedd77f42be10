"""A layer of self-attention on tokens that are nearly equal, without loss of digits.

Tokens are x_i = m + s R_i with a common row m and a size s, kept as its logarithm: after a few
layers s is 1e-300, where the plain layer has long left float64. With q the weights that the common
row gives to the keys and E_ij = R_i W_QK R_j^T/sqrt(d_qk), softmax (its rows shifted by constants)
is P_ij = q_j e^(s^2 E_ij)/sum_k q_k e^(s^2 E_ik), so that (P - 1 q) R is of order s^2 and is computed
as such, by expm1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

from simulations.experiments.rank_collapse.networks import Layer, composite_norm, residual


@dataclass(frozen=True)
class Centred:
    """Tokens m + s R: common (D,) m, shape (n, D) R of composite norm 1, log_size log s."""

    common: np.ndarray
    shape: np.ndarray
    log_size: float


def centred(common, deviations, log_size: float = 0.0) -> Centred:
    """Tokens common + e^log_size deviations, the deviations about their medians and of norm 1."""
    size, about = np.exp(log_size), np.median(deviations, axis=0)
    left = deviations - about
    norm = composite_norm(left)
    return Centred(common + size * about, left / norm, log_size + float(np.log(norm)))


def attend(tokens: Centred, layer: Layer, skip: bool = False) -> Centred:
    """The sum over heads of P X W_V, plus X itself with a skip connection."""
    r, size = tokens.shape, np.exp(tokens.log_size)
    common = tokens.common.copy() if skip else np.zeros_like(tokens.common)
    change = np.zeros_like(r)  # of the deviations, over s^3
    for w, v in zip(layer.scores, layer.values, strict=True):
        shared = size * (r @ (tokens.common @ w)) / layer.temperature
        q = softmax(shared)
        scores = r @ w @ r.T / layer.temperature
        grown = size**2 * scores
        # (e^g - 1)/s^2, whose limit is the score
        gain = scores * np.divide(np.expm1(grown), grown, out=np.ones_like(grown), where=grown != 0)
        mean = gain @ q
        excess = q * (gain - mean[:, None]) / (1 + size**2 * mean[:, None])
        change += excess @ r @ v
        common += (tokens.common + size * (q @ r)) @ v
    if skip:
        return centred(common, r + size**2 * change, tokens.log_size)
    return centred(common, change, 3 * tokens.log_size)


def log_residuals(tokens: Centred, layers, skip: bool = False) -> np.ndarray:
    """log of the composite norm of the residual before the first layer and after each, (L + 1,)."""
    found = [tokens.log_size]
    for layer in layers:
        tokens = attend(tokens, layer, skip)
        found.append(tokens.log_size)
    return np.array(found)


def random_tokens(n: int, dim: int, log_size: float, rng) -> Centred:
    """Gaussian tokens about a common Gaussian row, their residual scaled to the given size."""
    common, deviations = rng.standard_normal(dim), rng.standard_normal((n, dim))
    unit = residual(deviations)
    return centred(common, unit / composite_norm(unit), log_size)
