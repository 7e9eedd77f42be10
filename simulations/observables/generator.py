"""The empirical generator of an attention operator, its clock and its drift coefficient."""

from __future__ import annotations

from functools import cache

import numpy as np

from simulations.statistics.fits import fit_coefficients
from theory.setting.checks import InputError
from theory.setting.expressions import compile_array
from theory.setting.geometry import generator_terms
from theory.setting.references import probe_features


def clock_and_drift(operator, p, coordinates, weights=None, features=None) -> tuple[float, float]:
    """(clock, drift coefficient) of self-attention, off any prediction.

    Least squares of (A - I)H on [Laplacian H, <grad log p, grad H>] over the tokens and all probe
    features ("How to measure"): the first coefficient is the clock, in units of time, and the
    second over the first the drift coefficient. p: the tokens' Density; coordinates: (n, d);
    weights: (n,), by default equal; features: formulas, by default `probe_features`.
    """
    formulas = probe_features(p.manifold) if features is None else list(features)
    h = feature_columns(p.manifold, formulas, coordinates)
    return moved_clock_and_drift(operator @ h - h, p, coordinates, weights, formulas)


def moved_clock_and_drift(
    moved, p, coordinates, weights=None, features=None, local_clock=1.0
) -> tuple[float, float]:
    """`clock_and_drift` from moved = A H - H (n, c) of the features.

    local_clock: (n,), where the clock is measured apart at each token: moved is divided by it, and
    the first coefficient is the clock over it.
    """
    formulas = probe_features(p.manifold) if features is None else list(features)
    local = np.broadcast_to(local_clock, len(coordinates))[:, None]
    terms = _terms(p, tuple(formulas))(coordinates)
    clock, drift = fit_coefficients(moved / local, terms, weights)
    return float(clock), float(drift / clock)


def feature_columns(manifold, formulas, coordinates) -> np.ndarray:
    """Features (n, c) of several formulas at chart points (n, d)."""
    return _functions(manifold, tuple(formulas))(manifold.check_coordinates(coordinates))


@cache
def _terms(p, formulas):
    return generator_terms(p, formulas)


@cache
def _functions(manifold, formulas):
    expressions = [manifold.expression("features", f) for f in formulas]
    return compile_array(manifold.symbols, expressions, (len(formulas),))


def squared_jump(operator, points=None) -> np.ndarray:
    """sum_j a_ij |x_j - x_i|^2 of self-attention, shape (n,): 2 d times the clock.

    points: (n, D), of an operator that does not know its tokens.
    """
    if points is None and not operator.self_attention:
        raise InputError(
            "squared_jump: the operator has separate keys, "
            "expected tokens that attend to themselves"
        )
    x = operator.queries if points is None else points
    length = (x**2).sum(axis=1, keepdims=True)
    means = operator @ np.hstack([x, length])
    return length[:, 0] - 2 * (x * means[:, :-1]).sum(axis=1) + means[:, -1]
