"""Tokens and scores of the lift M x S^1: attention whose limit is the heat equation of g + p^4
ds^2.

A lifted token is Phi = (X, rho cos s, rho sin s, rho), rho = kappa p(x)^2 (docs/theory.md, "Lift").
"""

from __future__ import annotations

import numpy as np

from theory.setting.checks import InputError, finite_array, one_of
from theory.setting.pseudo_metrics import (
    PowerLaw,
    PseudoMetric,
    dot_product,
    user_function,
)

FACTORS = ("product", "query", "key", "embedding")


def lifted_points(points, rho, s) -> np.ndarray:
    """(X, rho cos s, rho sin s, rho), shape (n, D + 3), of points (n, D), radii rho (n,) > 0 and
    angles s (n,)."""
    x = finite_array("points", points, (None, None))
    rho, s = finite_array("rho", rho, (len(x),)), finite_array("s", s, (len(x),))
    if not (rho > 0).all():
        raise InputError(f"rho: the smallest is {rho.min():g}, expected radii > 0")
    return np.column_stack([x, rho * np.cos(s), rho * np.sin(s), rho])


def lift_score(factor: str = "product") -> PseudoMetric:
    """f = |x - y|^2 + w 2 (1 - cos(s - t)) between lifted points up to a constant of the query.

    factor: "product" for w = rho(x) rho(y). The others are wrong lifts: "query" has w = rho(x)^2,
    "key" w = rho(y)^2, and "embedding" is the squared distance of (X, rho cos s, rho sin s). Each
    is an inner product q.k, as |x - y|^2 = |x|^2 + (1, -2 x).(|y|^2, y).
    """
    if one_of("factor", factor, FACTORS) == "embedding":
        return PseudoMetric(
            "lift, plain embedding",
            "squared_distance",
            query_map=_without_radius,
            key_map=_without_radius,
            power_law=PowerLaw(1.0, 2.0),
        )
    query_map, key_map = _MAPS[factor]
    # without the constant no kernel is symmetric
    return PseudoMetric(
        f"lift, {factor}", "inner_product", query_map=query_map, key_map=key_map, symmetric=False
    )


def lifted_dot_product(ambient_dim: int) -> PseudoMetric:
    """-2 Phi^T diag(1, .., 1, -1) Phi': the lift where |X| is constant, up to a constant."""
    return dot_product(np.diag([1.0] * (ambient_dim + 2) + [-1.0]), scale=2.0)


def lift_definition() -> PseudoMetric:
    """|x - y|^2 + rho(x) rho(y) 2 (1 - cos(s - t)) as it is written."""

    def score(x, y):
        n, total = len(x) - 3, 0.0
        for k in range(n):
            total += (x[k] - y[k]) ** 2
        return total + 2 * (x[n + 2] * y[n + 2] - x[n] * y[n] - x[n + 1] * y[n + 1])

    return user_function(score, "lift", symmetric=True)


def _parts(z):
    """X, (rho cos s, rho sin s) and rho of lifted points."""
    return z[:, :-3], z[:, -3:-1], z[:, -1:]


def _without_radius(z):
    return z[:, :-1]


def _query(x, circle, more=None):
    """(1, -2 x, -2 circle, more)."""
    columns = [np.ones(len(x)), -2 * x, -2 * circle]
    return np.column_stack(columns if more is None else [*columns, more])


def _key(y, circle, alone=0.0, more=None):
    """(|y|^2 + alone, y, circle, more)."""
    columns = [(y**2).sum(axis=1, keepdims=True) + alone, y, circle]
    return np.column_stack(columns if more is None else [*columns, more])


def _product_query(z):
    x, circle, rho = _parts(z)
    return _query(x, circle, 2 * rho)


def _product_key(z):
    y, circle, rho = _parts(z)
    return _key(y, circle, more=rho)


def _squared_query(z):
    # the constant rho(x)^2 is the same for every key
    x, circle, rho = _parts(z)
    return _query(x, rho * circle)


def _unit_key(z):
    y, circle, rho = _parts(z)
    return _key(y, circle / rho)


def _unit_query(z):
    x, circle, rho = _parts(z)
    return _query(x, circle / rho)


def _squared_key(z):
    y, circle, rho = _parts(z)
    return _key(y, rho * circle, alone=2 * rho**2)


_MAPS = {
    "product": (_product_query, _product_key),
    "query": (_squared_query, _unit_key),
    "key": (_unit_query, _squared_key),
}
