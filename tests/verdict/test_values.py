"""Arrays that are to equal those of a library: to the declared bound, and their rivals by far."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.store.quantities import Number, Values
from simulations.store.results import fields_arrays, quantities_record, read_quantities
from simulations.verdict.join import judge_quantities
from simulations.verdict.values import difference
from theory.predictions import Same, Value
from theory.setting.checks import InputError

RIGHT = np.array([[1.0, -4.0], [2.0, 0.0]])
LABELS = np.array([0, 1, 1, 2])


def row(measured, predicted):
    (only,) = judge_quantities({"q": measured}, {"q": predicted})
    return only


def values(array, wrong=None, bound=1e-10):
    return Values(array, bound, "rounding", {} if wrong is None else {"wrong": wrong})


@pytest.mark.parametrize(
    ("error", "expected"), [(0.0, "supported"), (3e-10, "supported"), (5e-10, "refuted")]
)
def test_the_bound_is_relative_to_the_largest_value(error, expected):
    assert row(values(RIGHT + error), Same(RIGHT)).verdict == expected


@pytest.mark.parametrize(("error", "expected"), [(0.05, "supported"), (0.03, "inconclusive")])
def test_a_wrong_method_and_a_rival_must_be_off_by_much(error, expected):
    """A hundredth of the largest value, 4."""
    assert row(values(RIGHT, RIGHT + error), Same(RIGHT)).verdict == expected
    found = row(values(RIGHT), Same(RIGHT, {"wrong": RIGHT + error}))
    assert found.verdict == expected and found.rivals["wrong"].value == pytest.approx(error / 4)


def test_labels_agree_or_they_do_not():
    other = np.array([0, 1, 2, 2])
    assert row(values(LABELS, other, 0.0), Same(LABELS)).verdict == "supported"
    refuted = row(values(other, bound=0.0), Same(LABELS))
    assert refuted.verdict == "refuted" and refuted.measured == 0.25


def test_a_rival_theory_may_take_the_place_of_the_prediction():
    assert row(values(RIGHT), Same(-RIGHT)).verdict == "refuted"


@pytest.mark.parametrize(("measured", "right"), [(RIGHT, RIGHT[0]), (LABELS, LABELS.astype(float))])
def test_arrays_that_cannot_be_compared_are_refused(measured, right):
    with pytest.raises(InputError, match="expected"):
        difference(measured, right)


def test_kinds_that_do_not_go_together_are_refused():
    with pytest.raises(InputError, match="expected a Number and a Value"):
        row(values(RIGHT), Value(1.0))


@pytest.mark.parametrize(
    "given",
    [
        {"values": np.array([np.nan])}, {"values": np.array(["a"])}, {"bound": -1.0},
        {"basis": ""}, {"wrong_methods": {"w": np.zeros(3)}},
    ],
)  # fmt: skip
def test_values_are_checked_at_the_door(given):
    with pytest.raises(InputError):
        Values(**({"values": RIGHT, "bound": 0.0, "basis": "b", "wrong_methods": {}} | given))


def test_values_are_read_as_they_were_stored():
    quantities = {"a": values(RIGHT, RIGHT + 1), "labels": values(LABELS, bound=0.0)}
    found = read_quantities(quantities_record(quantities), fields_arrays(quantities))
    assert list(found) == ["a", "labels"] and not isinstance(found["a"], Number)
    for name, quantity in quantities.items():
        assert found[name].bound == quantity.bound and found[name].basis == quantity.basis
        assert np.array_equal(found[name].values, quantity.values)
        assert found[name].values.dtype == quantity.values.dtype
    assert np.array_equal(found["a"].wrong_methods["wrong"], RIGHT + 1)
