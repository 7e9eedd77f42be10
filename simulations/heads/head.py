"""One attention head as its weights, and what it scores on the tokens of one text.

The pseudo-metric of a query x and a key y is f(x, y) = -(W_Q x + b_Q) . (W_K y + b_K) at the
temperature sqrt(d_k) (docs/theory.md, "Trained heads").
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from theory.setting.checks import InputError, finite_array, fits

LEAST_TOKENS = 2  # of a text: one token attends to itself, whatever the weights
PAIR_BYTES = 60  # of scores, weights and what is measured of them: eigenvalues, entropies


@dataclass(frozen=True)
class Head:
    """W_Q, W_K (d_k, D) and b_Q, b_K (d_k,), as PyTorch stores them: a query is W_Q x + b_Q.

    Biases are 0 by default. Raises InputError for shapes that do not fit, or entries that are not
    finite.
    """

    w_q: np.ndarray
    w_k: np.ndarray
    b_q: np.ndarray | None = None
    b_k: np.ndarray | None = None

    def __post_init__(self):
        w_q = finite_array("w_q", self.w_q, (None, None))
        if 0 in w_q.shape:
            raise InputError(f"w_q: got shape {w_q.shape}, expected at least one row and column")
        checked = {"w_q": w_q, "w_k": finite_array("w_k", self.w_k, w_q.shape)}
        for name in ("b_q", "b_k"):
            given = getattr(self, name)
            zero = np.zeros(len(w_q))
            checked[name] = zero if given is None else finite_array(name, given, zero.shape)
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def temperature(self) -> float:
        return float(np.sqrt(len(self.w_q)))

    @cached_property
    def matrix(self) -> np.ndarray:
        """M = W_Q^T W_K (D, D): f(x, y) = -x^T M y, up to parts of the query or the key alone."""
        return self.w_q.T @ self.w_k

    def on(self, tokens, causal: bool = False, rotation=None) -> Context:
        """The head on the tokens (n, D) of one text.

        causal: a token sees no later one. rotation: (cos, sin), each (n, d_k), of rotary positions.
        Raises InputError for fewer than two tokens.
        """
        x = finite_array("tokens", tokens, (None, self.w_q.shape[1]))
        n = len(x)
        if n < LEAST_TOKENS:
            raise InputError(f"tokens: got {n} in a text, expected at least {LEAST_TOKENS}")
        fits("tokens of a text", n * n, PAIR_BYTES, n)
        queries, keys = x @ self.w_q.T + self.b_q, x @ self.w_k.T + self.b_k
        if rotation is not None:
            cos, sin = (finite_array("rotation", r, queries.shape) for r in rotation)
            queries, keys = rotated(queries, cos, sin), rotated(keys, cos, sin)
        allowed = np.tri(n, dtype=bool) if causal else np.ones((n, n), dtype=bool)
        return Context(queries, keys, x, allowed, self.temperature)


@dataclass(frozen=True)
class Context:
    """A head on one text: queries, keys (n, d_k), tokens (n, D), and the keys allowed (n, n)."""

    queries: np.ndarray
    keys: np.ndarray
    tokens: np.ndarray
    allowed: np.ndarray
    temperature: float

    @cached_property
    def pseudo_metric(self) -> np.ndarray:
        """f (n, n) of every query and key, also of those that a mask parts."""
        return -self.queries @ self.keys.T

    @cached_property
    def attention(self) -> np.ndarray:
        """a_ij (n, n): rows sum to 1."""
        exponents = np.where(self.allowed, -self.pseudo_metric / self.temperature, -np.inf)
        weights = np.exp(exponents - exponents.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True)


def rotated(vectors, cos, sin) -> np.ndarray:
    """Rotary positions: the pairs (k, k + d_k/2) of vectors (n, d_k), turned by their angles.

    Su et al. 2021 (arXiv 2104.09864), equation 34, with the pairs as in the Llama models.
    """
    first, second = np.split(vectors, 2, axis=1)
    return vectors * cos + np.hstack([-second, first]) * sin


def rotary_angles(n_tokens: int, d_k: int, base: float) -> tuple[np.ndarray, np.ndarray]:
    """(cos, sin), each (n, d_k), of the positions 0 to n - 1: angle t base^(-2k/d_k) of pair k."""
    if d_k % 2:
        raise InputError(f"rotary positions: got heads of width {d_k}, expected an even one")
    angles = np.outer(np.arange(n_tokens), base ** (-np.arange(0, d_k, 2) / d_k))
    both = np.hstack([angles, angles])
    return np.cos(both), np.sin(both)
