"""Whether c + f can be a metric: the diagonal, the sign, and the triangle inequality."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.setting.checks import InputError, finite_array


@dataclass(frozen=True)
class MetricFit:
    """How far c + f is from a metric with the c that makes its diagonal 0 in the mean.

    constant: that c, -mean f(x, x). diagonal_spread: standard deviation of f(x, x), 0 for a metric.
    asymmetry: rms of (f(x, y) - f(y, x))/2 off the diagonal. negative: share of pairs below 0.
    violations: share of triples with d(x, z) > d(x, y) + d(y, z). least_constant: the smallest c
    with which no triple that was looked at would violate it. All in units of f.
    """

    constant: float
    diagonal_spread: float
    asymmetry: float
    negative: float
    violations: float
    least_constant: float


def metric_fit(pseudo_metric, triples) -> MetricFit:
    """f (n, n) and triples (k, 3) of distinct tokens."""
    f = finite_array("pseudo_metric", pseudo_metric, (None, None))
    x, y, z = np.asarray(triples).T
    diagonal, off = np.diagonal(f), ~np.eye(len(f), dtype=bool)
    c = float(-diagonal.mean())
    excess = f[x, z] - f[x, y] - f[y, z]
    slack = 1e-12 * np.abs(f).max()
    return MetricFit(
        c,
        float(diagonal.std()),
        float(np.sqrt((((f - f.T) / 2)[off] ** 2).mean())),
        float((f[off] + c < -slack).mean()),
        float((excess > c + slack).mean()),
        float(excess.max()),
    )


def sampled_triples(n_tokens: int, count: int, rng) -> np.ndarray:
    """Triples (k, 3) of distinct tokens: all of them if there are no more than `count`.

    Raises InputError for fewer than three tokens.
    """
    if n_tokens < 3:
        raise InputError(f"tokens: got {n_tokens}, expected at least 3 for a triangle")
    if n_tokens * (n_tokens - 1) * (n_tokens - 2) <= count:
        grid = np.stack(np.meshgrid(*[np.arange(n_tokens)] * 3, indexing="ij"), -1).reshape(-1, 3)
        distinct = (grid != np.roll(grid, 1, axis=1)).all(axis=1)
        return grid[distinct]
    # a first token, and two different steps away from it
    first = rng.integers(n_tokens, size=count)
    second = rng.integers(1, n_tokens, size=count)
    third = rng.integers(1, n_tokens - 1, size=count)
    third += third >= second
    return np.stack([first, (first + second) % n_tokens, (first + third) % n_tokens], axis=1)
