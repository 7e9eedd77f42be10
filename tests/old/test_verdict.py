"""Verdicts: supported, refuted and inconclusive are told apart, and intervals cover as often as they say."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.verdict import (
    Interval,
    check,
    check_against_measurement,
    mean_interval,
    overall,
    rounding_interval,
    widened,
)
from theory.setting.checks import InputError


def test_the_three_verdicts():
    narrow, wide = Interval(2.01, 1.95, 2.07), Interval(2.01, 1.5, 2.5)
    assert check("drift", 2.0, narrow, {"10 % off": 2.2}).verdict == "supported"
    assert check("drift", 2.0, wide, {"10 % off": 2.2}).verdict == "inconclusive"
    assert check("drift", 1.0, narrow, {"10 % off": 2.2}).verdict == "refuted"


def test_the_nearest_control_is_the_one_reported():
    row = check("drift", 2.0, Interval(2.0, 1.9, 2.1), {"none": 0.0, "10 % off": 2.2})
    assert (row.control, row.control_rejected) == ("10 % off", True)
    assert not check("drift", 2.0, Interval(2.0, 1.9, 2.3), {"none": 0.0, "10 % off": 2.2}).control_rejected


def test_a_bound_is_refuted_from_below_only():
    assert check("order", 0.25, Interval(0.4, 0.35, 0.45), {"stall": 0.0}, kind="at least").verdict == "supported"
    assert check("order", 0.25, Interval(0.1, 0.05, 0.15), {"stall": 0.0}, kind="at least").verdict == "refuted"
    assert check("order", 0.25, Interval(0.2, -0.1, 0.5), {"stall": 0.0}, kind="at least").verdict == "inconclusive"
    assert not check("order", 0.25, Interval(0.4, 0.35, 0.45), {"faster": 0.6}, kind="at least").control_rejected


def test_a_wrong_method_must_miss_the_prediction():
    right = rounding_interval(1e-15, 1e-12)
    assert check_against_measurement("rows", 0.0, right, "columns", rounding_interval(0.1, 1e-12)).verdict == "supported"
    assert check_against_measurement("rows", 0.0, right, "same", right).verdict == "inconclusive"


def test_nothing_finite_is_inconclusive():
    assert check("drift", 2.0, Interval(np.nan, -np.inf, np.inf), {"10 % off": 2.2}).verdict == "inconclusive"


def test_a_claim_is_as_good_as_its_worst_check():
    good, poor, bad = (check("q", v, Interval(1.0, 0.9, 1.1), {"c": c}) for v, c in ((1.0, 2.0), (1.0, 1.05), (3.0, 2.0)))
    assert [overall(s) for s in ([good], [good, poor], [good, poor, bad])] == ["supported", "inconclusive", "refuted"]


@pytest.mark.parametrize("confidence", [0.9, 0.99])
def test_mean_interval_covers_as_often_as_it_says(confidence):
    rng, n = np.random.default_rng(5), 4000
    covered = np.mean([mean_interval(rng.standard_normal(6) + 3.0, confidence).contains(3.0) for _ in range(n)])
    assert abs(covered - confidence) < 4 * np.sqrt(confidence * (1 - confidence) / n)


def test_mean_interval_twin_normal_quantile_would_undercover():
    rng, n = np.random.default_rng(5), 4000
    samples = rng.standard_normal((n, 6))
    half = 1.6449 * samples.std(axis=1, ddof=1) / np.sqrt(6)
    assert np.mean(np.abs(samples.mean(axis=1)) < half) < 0.9 - 4 * np.sqrt(0.09 / n)


def test_widening_and_bad_input():
    assert widened(Interval(1.0, 0.9, 1.1), -0.05) == Interval(1.0, 0.85, 1.1500000000000001)
    with pytest.raises(InputError, match="number of samples.*got 2"):
        mean_interval([1.0, 2.0])
    with pytest.raises(InputError, match="needs a control"):
        check("drift", 2.0, Interval(2, 1, 3), {})
