"""Rows: supported, refuted and inconclusive are told apart, and resolution is what it says."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.statistics.intervals import Interval
from simulations.verdict.rows import judged, overall, row_from_dict
from theory.predictions import Value
from theory.setting.checks import InputError


def interval(value, low, high):
    return Interval(value, low, high, "test")


def verdict(value, measured, **options):
    return judged("q", value, measured, **options).verdict


def test_the_three_verdicts():
    narrow = interval(2.01, 1.95, 2.07)
    assert verdict(Value(2.0, {"10 % more": 2.2}), narrow) == "supported"
    assert verdict(Value(2.0, {"near": 2.05}), narrow) == "inconclusive"
    assert verdict(Value(1.0, {"10 % more": 2.2}), narrow) == "refuted"


@pytest.mark.parametrize(("half", "headline", "expected"), [
    (0.09, True, "supported"), (0.11, True, "inconclusive"),
    (0.19, False, "supported"), (0.21, False, "inconclusive"),
])  # fmt: skip
def test_a_row_that_resolves_too_little_is_inconclusive(half, headline, expected):
    row = judged("q", Value(2.0), interval(2.0, 2.0 - half, 2.0 + half), headline=headline)
    assert row.verdict == expected and row.resolution == pytest.approx(half / 2)


@pytest.mark.parametrize("factor", [1.05, 0.95])
def test_resolution_is_the_smallest_error_that_is_refuted_on_either_side(factor):
    measured = interval(2.02, 1.92, 2.12)
    row = judged("q", Value(2.0), measured)
    for sign in (1, -1):
        wrong = 2.0 * (1 + sign * factor * row.resolution)
        refuted = verdict(Value(wrong), measured) == "refuted"
        assert refuted or factor < 1


def test_a_predicted_zero_needs_a_scale():
    measured = interval(0.01, -0.05, 0.07)
    assert judged("q", Value(0.0, scale=2.0), measured).resolution == pytest.approx(0.035)
    with pytest.raises(InputError, match="scale"):
        Value(0.0)
    assert Value(0.0, kind="identity").scale is None


def test_a_bound_is_refuted_from_below_only():
    bound = Value(0.25, {"stall": 0.6}, "bound")
    assert verdict(bound, interval(0.4, 0.35, 0.45)) == "supported"
    assert verdict(bound, interval(0.1, 0.05, 0.15)) == "refuted"
    assert verdict(bound, interval(0.4, 0.1, 0.7)) == "inconclusive"


def test_a_wrong_method_must_miss_the_prediction():
    right, wrong = interval(0.0, -1e-12, 1e-12), interval(0.1, 0.1, 0.1)
    value = Value(0.0, kind="identity")
    assert judged("rows", value, right, {"columns": wrong}).verdict == "supported"
    row = judged("rows", value, right, {"same": right})
    assert row.verdict == "inconclusive" and row.reason == "not rejected: same"


def test_nothing_finite_is_inconclusive():
    assert verdict(Value(2.0), interval(np.nan, -np.inf, np.inf)) == "inconclusive"


def test_a_claim_is_as_good_as_its_worst_row():
    measured = interval(1.0, 0.95, 1.05)
    good = judged("q", Value(1.0), measured)
    poor = judged("q", Value(1.0, {"c": 1.01}), measured)
    bad = judged("q", Value(3.0), measured)
    verdicts = [overall(rows) for rows in ([good], [good, poor], [good, poor, bad])]
    assert verdicts == ["supported", "inconclusive", "refuted"]


def test_a_row_comes_back_from_its_record():
    row = judged("q", Value(1.0, {"c": 1.3}), interval(1.0, 0.95, 1.05))
    assert row_from_dict(row.as_dict()) == row
