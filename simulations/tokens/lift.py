"""Tokens and scores of the lift M x S^1: attention whose limit is the heat equation of g + p^4 ds^2.

A lifted token is Phi = (X, rho cos s, rho sin s, rho), rho = kappa p(x)^2. Scores here are right up to a constant where |X| is
constant, as on flat tori and spheres about the origin (docs/theory.md, "Lift").
"""

from __future__ import annotations

import numpy as np

from theory.setting.checks import InputError, finite_array, one_of
from theory.setting.pseudo_metrics import PowerLaw, PseudoMetric, dot_product, user_function

FACTORS = ("product", "query", "key", "embedding")


def lifted_points(points, rho, s) -> np.ndarray:
    """(X, rho cos s, rho sin s, rho), shape (n, D + 3), of points (n, D), radii rho (n,) > 0 and angles s (n,)."""
    x = finite_array("points", points, (None, None))
    rho, s = finite_array("rho", rho, (len(x),)), finite_array("s", s, (len(x),))
    if not (rho > 0).all():
        raise InputError(f"rho: the smallest is {rho.min():g}, expected radii > 0")
    return np.column_stack([x, rho * np.cos(s), rho * np.sin(s), rho])


def lift_score(ambient_dim: int, factor: str = "product") -> PseudoMetric:
    """f = |x - y|^2 + w 2 (1 - cos(s - t)) between lifted points up to a constant of the query, w by `factor`.

    "product": w = rho(x) rho(y), the dot product -2 Phi^T diag(1, .., 1, -1) Phi'. The others are controls: "query" has
    w = rho(x)^2, "key" w = rho(y)^2, and "embedding" the plain squared distance of (X, rho cos s, rho sin s).
    """
    one_of("factor", factor, FACTORS)
    if factor == "product":
        return dot_product(np.diag([1.0] * (ambient_dim + 2) + [-1.0]), scale=2.0)
    if factor == "embedding":
        return PseudoMetric("lift, plain embedding", "squared_distance", 1.0, query_map=_flat, key_map=_flat, power_law=PowerLaw(1.0, 2.0))
    maps = (_times_radius, _over_radius) if factor == "query" else (_over_radius, _times_radius)
    return PseudoMetric(f"lift, rho^2 of the {factor}", "inner_product", -2.0, query_map=maps[0], key_map=maps[1], symmetric=False)


def lift_definition() -> PseudoMetric:
    """|x - y|^2 + rho(x) rho(y) 2 (1 - cos(s - t)) as it is written, on any M."""

    def score(x, y):
        n, total = len(x) - 3, 0.0
        for k in range(n):
            total += (x[k] - y[k]) ** 2
        return total + 2 * (x[n + 2] * y[n + 2] - x[n] * y[n] - x[n + 1] * y[n + 1])

    return user_function(score, "lift", symmetric=True)


def _flat(z):
    return z[:, :-1]


def _times_radius(z):
    # rho^2 (1 - cos(s - t)) = rho^2 - rho (rho cos s, rho sin s).(cos t, sin t)
    return np.column_stack([z[:, :-3], z[:, -1:] * z[:, -3:-1], -(z[:, -1:] ** 2)])


def _over_radius(z):
    return np.column_stack([z[:, :-3], z[:, -3:-1] / z[:, -1:], np.ones(len(z))])
