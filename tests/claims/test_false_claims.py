"""False claims: no wrong prediction is supported by the reference measurements.

The measurements ship in docs/measured; every prediction is replaced by 0.9, 1.1, 0 and -1 times
itself, and by each of its rivals; small runs are asked the same. A lower bound that is lower still
is true, so bounds are only raised, above what was measured.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulations.verdict import fields
from simulations.verdict.join import judge_quantities
from simulations.verdict.reference import shipped
from simulations.verdict.rows import ROW_RESOLUTION
from theory import predictions
from theory.claims import claims
from theory.predictions import Member, Order, Value, times

FACTORS = (0.9, 1.1, 0.0, -1.0)
NEAR_TARGETS = ("0.9 times", "1.1 times", "target 10 % more", "target 10 % less")


@pytest.fixture(autouse=True)
def fits_once(monkeypatch):
    """Members of families are fitted once a field: what is predicted changes, not the fit."""
    fit, done = fields.fit_members, {}

    def remembered(field, prediction):
        key = id(field.values), id(prediction.family)
        if key not in done:
            # kept alive, so that no other field gets its id
            done[key] = fit(field, prediction), field
        return done[key][0]

    monkeypatch.setattr(fields, "fit_members", remembered)


def false_values(value: Value, measured=None) -> dict[str, Value]:
    """Wrong values in place of a right one, by name; measured: the interval that a bound is raised
    above."""
    if value.kind == "bound":
        wrong = {name: rival for name, rival in value.rivals.items() if rival > value.value}
        if measured is not None:
            wrong |= {"above what was measured": measured.high + 0.1 * abs(measured.high)}
    else:
        size = value.scale or 1.0
        moved = {f"{f:g} times": f * value.value for f in FACTORS if value.value}
        zero = (
            {} if value.value else {"10 % of a miss": size / 10, "a miss": size, "- a miss": -size}
        )
        wrong = moved | zero | value.rivals
    # a false claim knows no rivals but what it replaces
    fresh = replace(value, rivals={}, scale=value.scale or abs(value.value) or 1.0)
    return {name: replace(fresh, value=float(v)) for name, v in wrong.items()}


def tabulated(prediction: Order, coordinates) -> Order:
    """The same with every target computed once: a target may be a whole solution."""

    def table(target):
        if isinstance(target, list | tuple):
            return [table(level) for level in target]
        values = target(coordinates)
        return lambda u: values

    rivals = {name: table(rival) for name, rival in prediction.rivals.items()}
    return replace(prediction, target=table(prediction.target), rivals=rivals)


def false_predictions(prediction, quantity) -> dict:
    """Wrong predictions in place of a right one of a measured quantity, by name."""
    if isinstance(prediction, Value):
        return false_values(prediction, quantity.interval)
    if isinstance(prediction, Order):
        wrong = {f"{f:g} times": times(prediction.target, f) for f in FACTORS}
        wrong |= prediction.rivals
        false = {n: replace(prediction, target=t, rivals={}) for n, t in wrong.items()}
        if prediction.kind != "bound":
            orders = {f"order {f:g} times": f * prediction.order for f in FACTORS}
            false |= {n: replace(prediction, order=o, rivals={}) for n, o in orders.items()}
        return false
    return {
        f"{row}: {name}": replace(prediction, values=prediction.values | {row: wrong})
        for row, value in prediction.values.items()
        for name, wrong in false_values(value).items()
    }


def false_rows(quantities, predicted, least=0.0):
    """(quantity, name of the false claim, the row that judges it, whether it is the headline).

    least: values that are closer to the right one, relative to it, are left out.
    """
    for place, (quantity, prediction) in enumerate(predicted.items()):
        # points that are each sample's own are in no table
        if isinstance(prediction, Order) and not prediction.carried:
            prediction = tabulated(prediction, quantities[quantity].coordinates)
        measured = quantities[quantity]
        for name, wrong in false_predictions(prediction, measured).items():
            if isinstance(wrong, Value) and _distance(wrong, prediction) < least:
                continue
            if least and _bounds_an_order(prediction) and name in NEAR_TARGETS:
                continue
            helper = getattr(measured, "on_nodes", None)
            kept = {quantity: measured} | ({helper: quantities[helper]} if helper else {})
            rows = judge_quantities(kept, {quantity: wrong})
            if isinstance(prediction, Member):
                rows = [row for row in rows if name.startswith(f"{row.quantity}: ")]
            first = place == 0 and (
                not isinstance(prediction, Member) or rows[0].quantity == next(iter(wrong.values))
            )
            yield quantity, name, rows[0], first


def _bounds_an_order(prediction):
    """Small samples are farther from the target than it is from one a tenth off, so that both are
    approached as fast: that is told by the samples of the reference."""
    return isinstance(prediction, Order) and prediction.kind == "bound"


def _distance(wrong, right):
    return abs(wrong.value - right.value) / (abs(right.value) or right.scale or 1.0)


def in_order(result):
    """The predictions of a measurement, in the order of what was measured."""
    predicted = predictions.load(result.claim).predict(result.parameters)
    return {name: predicted[name] for name in result.quantities if name in predicted}


@pytest.mark.parametrize("claim", claims())
def test_no_false_claim_is_supported_by_the_reference_measurements(claim):
    result = shipped(claim)
    rows = list(false_rows(result.quantities, in_order(result)))
    assert [(q, n) for q, n, row, _ in rows if row.verdict == "supported"] == []
    headline = [(q, n, row.verdict) for q, n, row, first in rows if first]
    assert headline and [entry for entry in headline if entry[2] != "refuted"] == []


# from the last on: the process that tests small runs begins with the first
@pytest.mark.parametrize("claim", list(claims())[::-1])
def test_no_false_claim_is_supported_by_a_small_run(claim, small):
    # a small run answers for what a row must resolve; rivals that are nearer are the reference's
    result = small(claim).result
    rows = false_rows(result.quantities, in_order(result), least=0.99 * ROW_RESOLUTION)
    assert [(q, n) for q, n, row, _ in rows if row.verdict == "supported"] == []


def test_a_false_claim_would_be_found():
    """The search itself finds a measurement that cannot refute: an interval of everything."""
    from simulations.statistics.intervals import exact
    from simulations.store.quantities import Number

    blind = {"q": Number(exact(2.0, 0.19, "blind"))}
    rows = list(false_rows(blind, {"q": Value(2.0)}))
    assert {n: row.verdict for _, n, row, _ in rows} == {
        "0.9 times": "refuted", "1.1 times": "refuted", "0 times": "refuted", "-1 times": "refuted",
    }  # fmt: skip
    blind = {"q": Number(exact(2.0, 0.25, "blind"))}
    verdicts = {n: row.verdict for _, n, row, _ in false_rows(blind, {"q": Value(2.0)})}
    assert verdicts["1.1 times"] == "inconclusive"
    assert np.all([v != "supported" for v in verdicts.values()])
