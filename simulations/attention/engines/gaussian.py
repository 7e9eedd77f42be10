"""Scores whose weights are Gaussian in some space: squared distances, and dot products by
completing the square.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.attention.engines.problem import Problem


@dataclass(frozen=True)
class GaussianForm:
    """t_ij = -|x_i - y_j|^2/(4 width) + key_exponent_j + query_exponent_i.

    queries (n, m) and keys (nk, m), the same array where the points are the same; key_exponent
    (nk,), -inf for weight zero; query_exponent (n,).
    """

    queries: np.ndarray
    keys: np.ndarray
    width: float
    key_exponent: np.ndarray
    query_exponent: np.ndarray

    @property
    def dim(self) -> int:
        """m, the dimension of the space of the points."""
        return self.queries.shape[1]


def gaussian_form(problem: Problem) -> GaussianForm | None:
    """The Gaussian form of the exponents, or None for others (docs/theory.md, "Engines")."""
    metric = problem.pseudo_metric
    if metric.form == "function" or metric.transform is not None or problem.squared_window < np.inf:
        return None
    rate = metric.scale / problem.temperature
    if metric.form == "squared_distance":
        x, y = problem.mapped
        if rate <= 0:
            return None
        return GaussianForm(x, _same(x, y), 1 / (4 * rate), problem.key_bias, np.zeros(len(x)))
    # r x.y = r (|x|^2 + |y|^2 - |x - y|^2)/2 for r > 0
    x, y = _balanced(problem)
    y = _same(x, -y if rate > 0 else y)
    rate = abs(rate)
    half_x, half_y = (x**2).sum(axis=1) / 2, (y**2).sum(axis=1) / 2
    return GaussianForm(x, y, 1 / (2 * rate), problem.key_bias + rate * half_y, rate * half_x)


def _same(x, y):
    return x if x is not y and np.array_equal(x, y) else y


def _balanced(problem):
    """Queries and keys whose inner products are the scores, and which lie close to each other if
    the form allows it.

    Linear maps give x^T W y; with W = U S V^T the points U S^(1/2) and V S^(1/2) do it: for a
    positive definite W they are the same map, and the Gaussian is that of the metric W. The rank of
    W is their dimension.
    """
    metric = problem.pseudo_metric
    x, y = problem.mapped
    if metric.query_map is None and metric.key_map is None:
        return x, y
    maps = (metric.map_queries, metric.map_keys)
    basis = np.eye(problem.queries.shape[1])
    a, b = (
        np.asarray(m(basis), dtype=np.float64) for m in (maps[::-1] if problem.swapped else maps)
    )
    if not (_is_linear(problem.queries, a, x) and _is_linear(problem.keys, b, y)):
        return x, y
    left, right = _square_roots(a @ b.T)
    x = problem.queries @ left
    return x, (x if left is right and problem.keys is problem.queries else problem.keys @ right)


def _is_linear(points, matrix, mapped):
    largest = np.abs(mapped).max(initial=0)
    return np.allclose(points @ matrix, mapped, rtol=0, atol=1e-13 * largest)


def _square_roots(w):
    if np.allclose(w, w.T, rtol=0, atol=1e-14 * np.abs(w).max()):
        values, vectors = np.linalg.eigh((w + w.T) / 2)
        kept = np.abs(values) > 1e-15 * np.abs(values).max()
        if (values[kept] > 0).all():
            root = vectors[:, kept] * np.sqrt(values[kept])
            return root, root
    u, s, vt = np.linalg.svd(w)
    kept = s > 1e-15 * s.max()
    return u[:, kept] * np.sqrt(s[kept]), vt[kept].T * np.sqrt(s[kept])
