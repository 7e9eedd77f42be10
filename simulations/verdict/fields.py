"""Fields held against functions: the order of their error, or the member of a family that fits."""

from __future__ import annotations

import numpy as np
from scipy.optimize import least_squares

from simulations.statistics.intervals import Interval
from simulations.statistics.limits import romberg, romberg_within, seen_by_samples
from simulations.statistics.orders import limit_order, seed_order
from simulations.store.quantities import Field
from simulations.verdict.rows import Row, accepts, judged
from theory.predictions import Member, Order, Value
from theory.setting.checks import InputError, as_numbers

# relative errors of a target, of which a row tells the smallest that it refutes; from large to small
TARGET_ERRORS = 10.0 ** -np.arange(0.0, 4.01, 0.125)

SLOPE = 1e-6  # of a coefficient, in the differences that say how a member changes with it


def order_row(name: str, field: Field, prediction: Order, *, headline: bool = False) -> Row:
    """The order with which a field tends to its target; rivals must not reach that order.

    The row resolves what it resolves of the order or of the target, whichever is less.
    """
    norm, carried = prediction.norm, prediction.carried
    measured = error_order(field, field.values, prediction.target, norm, carried)
    wrong = {
        rival: error_order(field, field.values, target, norm, carried)
        for rival, target in prediction.rivals.items()
    } | {
        method: error_order(field, values, prediction.target, norm, carried)
        for method, values in field.wrong_methods.items()
    }
    # an order of 1 is a full miss of an order of 0
    value = Value(prediction.order, {}, prediction.kind, None if prediction.order else 1.0)
    resolution = target_resolution(field, prediction, value)
    return judged(name, value, measured, wrong, headline=headline, resolution=resolution)


def target_resolution(field: Field, prediction: Order, value: Value) -> float:
    """The smallest of TARGET_ERRORS from which on a target so much too large or small is refuted.

    A wrong target may cross the field between two levels, where the errors have no order: what is
    refuted must stay refuted for every larger error. 0 where the target is zero, and has no size.
    """
    values, rights = _held(field, field.values, prediction.target, prediction.carried)
    if not any(np.any(right) for right in rights):
        return 0.0
    refuted = np.inf
    for error in TARGET_ERRORS.tolist():
        for factor in (1 + error, 1 - error):
            measured = _order(field, values, [factor * r for r in rights], prediction.norm)
            if accepts(value.kind, value.value, measured):
                return refuted
        refuted = error
    return refuted


def error_order(field: Field, values, target, norm: str = "l2", carried: int = 0) -> Interval:
    """The observed order of `values` (levels, seeds, points, functions) against a function.

    carried: as of `Order`.
    """
    return _order(field, *_held(field, values, target, carried), norm)


def _order(field, values, rights, norm):
    errors = _errors(field, values, rights, norm)
    return (
        limit_order(field.steps, errors[:, 0])
        if field.deterministic
        else seed_order(field.steps, errors)
    )


def field_errors(field: Field, values, target, norm: str = "l2", carried: int = 0) -> np.ndarray:
    """The norm of values - target at each level and seed, (levels, seeds); NaN where not run.

    carried: as of `Order`.
    """
    return _errors(field, *_held(field, values, target, carried), norm)


def _errors(field, values, rights, norm):
    sizes = [
        _sizes(level - right, field.weights, norm)
        for level, right in zip(values, rights, strict=True)
    ]
    return np.array(sizes)


def _sizes(errors, weights, norm):
    """`sup_norm` or `l2_norm` of each of errors (seeds, points, functions), of all at once: a seed
    after the other takes most of the time of a verdict."""
    if norm == "sup":
        return np.abs(errors).max(axis=(1, 2))
    return np.sqrt(np.average((errors**2).sum(axis=2), axis=1, weights=weights))


def _held(field, values, target, carried):
    """Values, and what each level of them is held against: (points, functions), or where points are
    carried (seeds, points, functions)."""
    if not carried:
        return values, _targets(target, field.coordinates, values.shape)
    points, own = np.split(values, [carried], axis=3)
    rights = [
        np.array([_targets(target, u, (1, 1, *own.shape[2:]))[0] for u in level])
        for level in points
    ]
    return own, rights


def _targets(target, coordinates, shape):
    """The values (points, functions) that each level is held against; those of one function may
    come as (points,).
    """
    levels, _, *expected = shape
    if callable(target):
        found = [target(coordinates)] * levels
    else:
        found = [one(coordinates) for one in target]
    if len(found) != levels:
        raise InputError(f"target: got {len(found)}, expected one, or one a level ({levels})")
    return [_as_columns(right, tuple(expected)) for right in found]


def _as_columns(right, expected):
    words = f"(n, {expected[1]})" + (" or (n,)" if expected[1] == 1 else "")
    right = as_numbers("target", right, words)
    if right.ndim == 1 and expected == (len(right), 1):
        right = right[:, None]
    if right.shape != expected:
        raise InputError(
            f"target: got shape {right.shape} at {expected[0]} chart points, expected {words} at "
            "chart points (n, d)"
        )
    return right


def member_rows(
    name: str, fields: dict[str, Field], prediction: Member, *, headline: bool = False
) -> list[Row]:
    """One row a coefficient of the member of the family that fits the field best.

    On quadrature nodes the coefficients of the levels are extrapolated to step zero (Romberg); for
    samples the mean of (sample - nodes) at their finest step is added ("How to measure"); the nodes
    have a level with that step, and may have finer ones.
    """
    field = fields[name]
    fits = fit_members(field, prediction)
    if field.on_nodes is None:
        intervals = _limits(field, prediction, fits[:, 0])
    else:
        nodes = fields[field.on_nodes]
        same = np.flatnonzero(nodes.steps == field.steps[-1])
        if not len(same):
            raise InputError(
                f"{name}: its step is {field.steps[-1]:g} and those of {field.on_nodes} "
                f"{nodes.steps.tolist()}, expected it among them"
            )
        on_nodes = fit_members(nodes, prediction)[:, 0]
        intervals = [
            seen_by_samples(levels, samples - levels[same[0]])
            for levels, samples in zip(on_nodes.T, fits[-1].T, strict=True)
        ]
    rows = zip(prediction.values.items(), intervals, strict=True)
    return [
        judged(row, value, interval, headline=headline and k == 0)
        for k, ((row, value), interval) in enumerate(rows)
    ]


def _limits(field, prediction, fits):
    """Romberg's limits of the coefficients (levels, k), with what the values are known to."""
    if field.errors is None:
        return [romberg(column) for column in fits.T]
    carried = np.array([_carried(field, prediction, best) for best in fits])
    errors = carried * np.asarray(field.errors)[:, None]
    return [
        romberg_within(column, error, "what the values are known to")
        for column, error in zip(fits.T, errors.T, strict=True)
    ]


def _carried(field, prediction, best):
    """The most that errors of size 1 in all values move each coefficient of the best member, (k,)."""
    root = np.sqrt(field.weights)[:, None]
    here = prediction.family(best, field.coordinates)
    slopes = [
        (root * (prediction.family(best + SLOPE * axis, field.coordinates) - here)).ravel() / SLOPE
        for axis in np.eye(len(best))
    ]
    inverse = np.linalg.pinv(np.array(slopes).T)
    return np.abs(inverse) @ np.broadcast_to(root, here.shape).ravel()


def fit_members(field: Field, prediction: Member) -> np.ndarray:
    """The best coefficients of each level and seed, (levels, seeds, k), from the neutral start."""
    root = np.sqrt(field.weights)[:, None]

    def fit(values):
        def residual(coefficients):
            return (root * (prediction.family(coefficients, field.coordinates) - values)).ravel()

        found = least_squares(residual, prediction.neutral, xtol=1e-12, ftol=1e-12, gtol=1e-12)
        return found.x

    return np.array([[fit(values) for values in level] for level in field.values])
