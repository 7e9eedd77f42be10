"""Tokens on the sphere, and what attention does to them to all digits."""

from __future__ import annotations

import numpy as np
from scipy.special import ive

N_CHECKED = 64  # queries whose exact value is known
_AT_ONCE = 8  # queries, which bounds the memory


def sphere_points(n: int, dim: int = 3, seed: int = 0) -> np.ndarray:
    """n uniform points (n, dim) of the unit sphere."""
    x = np.random.default_rng(seed).standard_normal((n, dim))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def spiral_points(n: int) -> np.ndarray:
    """n points (n, 3) of the unit sphere, each for the same area: sums over them of a harmonic of
    degree l much below sqrt(n) are integrals to about (l/n)^2.
    """
    k = np.arange(n) + 0.5
    height, angle = 1 - 2 * k / n, np.pi * (1 + np.sqrt(5)) * k
    radius = np.sqrt(1 - height**2)
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle), height])


def sphere_spectrum(temperature: float, count: int) -> np.ndarray:
    """The largest eigenvalues of attention by the dot product on the uniform sphere, I_(l+1/2)(z)/
    I_(1/2)(z) with z = 1/temperature, 2 l + 1 times each (docs/theory.md, "Spectra").
    """
    degrees = np.arange(int(np.ceil(np.sqrt(count))))
    values = ive(degrees + 0.5, 1 / temperature) / ive(0.5, 1 / temperature)
    return np.repeat(values, 2 * degrees + 1)[:count]


def exact(x, h, temperature: float, keys=None) -> np.ndarray:
    """Softmax attention of the first queries to the keys, by default x, in extended precision:
    (N_CHECKED, c).
    """
    keys = (x if keys is None else keys).astype(np.longdouble)
    queries, out = x[:N_CHECKED].astype(np.longdouble) / np.longdouble(temperature), []
    for first in range(0, len(queries), _AT_ONCE):
        scores = queries[first : first + _AT_ONCE] @ keys.T
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        out.append(weights @ h.astype(np.longdouble) / weights.sum(axis=1, keepdims=True))
    return np.concatenate(out)
