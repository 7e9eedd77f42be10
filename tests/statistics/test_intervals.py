"""Intervals hold the truth as often as they say, and widths come from samples or derivations."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.statistics.intervals import (
    Interval,
    bounded,
    counted,
    exact,
    jackknife_intervals,
    largest,
    mean_interval,
    rounded,
    smallest,
    variance_interval,
)
from theory.setting.checks import InputError

CONFIDENCES = (0.5, 0.9, 0.99, 0.999)


def coverage(make, truth, n=2000) -> dict[float, float]:
    """Share of intervals that hold the truth, by confidence; make(rng) is one interval."""
    rng = np.random.default_rng(5)
    intervals = [make(rng) for _ in range(n)]
    return {c: np.mean([i.at(c).contains(truth) for i in intervals]) for c in CONFIDENCES}


def as_said(shares, n=2000) -> bool:
    """Whether every share is within four binomial standard errors, and one hit, of what is said."""
    return all(abs(share - c) < 4 * np.sqrt(c * (1 - c) / n) + 1 / n for c, share in shares.items())


def test_a_mean_is_covered_as_often_as_said():
    assert as_said(coverage(lambda rng: mean_interval(rng.standard_normal(6) + 3.0), 3.0))


def test_the_confidence_asked_for_is_the_one_scaled_to():
    samples = np.random.default_rng(0).standard_normal(7)
    for confidence in CONFIDENCES:
        asked, scaled = mean_interval(samples, confidence), mean_interval(samples).at(confidence)
        assert (scaled.low, scaled.high) == pytest.approx((asked.low, asked.high))
    variance = variance_interval(np.random.default_rng(0).standard_normal(30))
    asked = variance_interval(np.random.default_rng(0).standard_normal(30), 0.9)
    assert (variance.at(0.9).low, variance.at(0.9).high) == pytest.approx((asked.low, asked.high))
    doubled = variance.scaled(2.0).at(0.9)
    assert (doubled.low, doubled.high) == pytest.approx((2 * asked.low, 2 * asked.high))


def test_quantiles_of_the_normal_law_would_cover_too_rarely():
    samples = np.random.default_rng(5).standard_normal((4000, 6))
    half = 1.6449 * samples.std(axis=1, ddof=1) / np.sqrt(6)
    assert np.mean(np.abs(samples.mean(axis=1)) < half) < 0.9 - 4 * np.sqrt(0.09 / 4000)


LAWS = {
    "normal": (lambda rng, shape: rng.standard_normal(shape), 1.0),
    "uniform": (lambda rng, shape: rng.random(shape), 1 / 12),
    "two columns": (lambda rng, shape: rng.standard_normal((*shape, 2)) * [1.0, 2.0], 2.5),
}


@pytest.mark.parametrize("law", LAWS)
def test_a_variance_is_covered_about_as_often_as_said(law):
    draw, truth = LAWS[law]
    shares = coverage(lambda rng: variance_interval(draw(rng, (600,))), truth)
    # the squared deviations are skewed: at 600 samples one in 500 is missed instead of one in 1000
    assert all(
        abs(share - c) < 4 * np.sqrt(c * (1 - c) / 2000) + 2e-3 for c, share in shares.items()
    )


def test_batches_of_variances_would_cover_too_rarely():
    rng, missed = np.random.default_rng(3), 0
    for _ in range(2000):
        batches = rng.standard_normal((20, 8)).var(axis=1, ddof=1) ** 2
        missed += not mean_interval(batches).contains(1 + 2 / 7)
    assert missed > 10  # of a statistic as skewed as a squared variance, 2 are said


def test_a_curved_statistic_of_a_mean_is_covered_by_the_jackknife():
    def make(rng):
        samples = 1 + 0.5 * rng.standard_normal((40, 2))
        return jackknife_intervals(lambda mean: np.array([mean[0] ** 2 / mean[1]]), samples)[0]

    assert as_said(coverage(make, 1.0))


def test_the_jackknife_takes_a_bias_of_order_one_over_n_away():
    rng = np.random.default_rng(1)
    squares, plain = [], []
    for _ in range(2000):
        samples = rng.standard_normal(10)
        plain.append(samples.mean() ** 2)
        (interval,) = jackknife_intervals(lambda mean: np.atleast_1d(mean) ** 2, samples)
        squares.append(interval.value)
    assert abs(np.mean(squares)) < 4 * np.std(squares) / np.sqrt(2000)
    assert np.mean(plain) == pytest.approx(0.1, rel=0.1)


def test_sums_and_multiples():
    mean = mean_interval([1.0, 2.0, 4.0])
    assert mean.scaled(-2.0).low == -2 * mean.high
    both = mean.plus(exact(1.0, 0.5, "a bound"))
    assert both.half_width == pytest.approx(mean.half_width + 0.5)
    assert both.freedom == 2 and "a bound" in both.basis
    # only the Student part depends on the confidence
    assert both.at(0.5).half_width == pytest.approx(mean.at(0.5).half_width + 0.5)
    assert counted(3).half_width == 0


def test_a_bound_widens_both_sides_and_says_why():
    wider = bounded(exact(1.0, 0.1, "rounding"), 0.05, "tolerance of the engine")
    assert (wider.low, wider.high) == pytest.approx((0.85, 1.15))
    assert wider.basis == "rounding + tolerance of the engine"
    with pytest.raises(InputError, match="derivation: got none"):
        bounded(wider, 0.05, "")
    with pytest.raises(InputError, match="bound: got -0.05"):
        bounded(wider, -0.05, "a sign that is lost")


def test_rounding_is_bounded_by_the_number_of_terms():
    rng = np.random.default_rng(2)
    weights = rng.random(3000)
    weights /= weights.sum()
    assert rounded(abs(weights.sum() - 1), 3000).contains(0.0)
    assert not rounded(1e-9, 3000).contains(0.0)


def test_the_extremes_of_several():
    three = [exact(v, b, "test") for v, b in ((1.0, 0.1), (1.05, 0.3), (2.0, 0.1))]
    assert (smallest(three).value, smallest(three).low, smallest(three).high) == (1.0, 0.75, 1.1)
    assert (largest(three).low, largest(three).high) == (1.9, 2.1)


def missed(pick, seed, n=1500, k=8, confidence=0.9) -> float:
    """How often the extreme of k means, all of them 0, is said to be another number."""
    samples = np.random.default_rng([seed, k]).standard_normal((n, k, 6))
    means, errors = samples.mean(axis=2), samples.std(axis=2, ddof=1) / np.sqrt(6)
    reach = (mean_interval(samples[0, 0]).high - means[0, 0]) / errors[0, 0]
    each = [
        [
            Interval(m, m - reach * e, m + reach * e, "Student", e, 5)
            for m, e in zip(*row, strict=True)
        ]
        for row in zip(means, errors, strict=True)
    ]
    return np.mean([not pick(intervals, confidence).contains(0.0) for intervals in each])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("pick", [smallest, largest])
def test_an_extreme_of_equal_numbers_is_missed_no_more_often_than_said(pick, seed):
    """On one side: all k intervals must hold 0, each of them misses it with 0.1/(2 k) there."""
    said, share = 1 - (1 - 0.1 / 16) ** 8, missed(pick, seed)
    assert abs(share - said) < 4 * np.sqrt(said * (1 - said) / 1500)


def test_without_the_correction_an_extreme_would_be_missed_too_often():
    def uncorrected(intervals, confidence):
        each = [interval.at(confidence) for interval in intervals]
        lows, highs = [i.low for i in each], [i.high for i in each]
        return exact((min(lows) + min(highs)) / 2, (min(highs) - min(lows)) / 2, "uncorrected")

    assert missed(uncorrected, 0) > 0.3


def test_the_correction_moves_students_part_alone_and_says_so():
    samples = np.random.default_rng(0).standard_normal((4, 9))
    each = [mean_interval(column).plus(exact(0.0, 0.5, "a bound")) for column in samples]
    found = smallest(each)
    highs = [mean_interval(column, 1 - 1e-3 / 4).high + 0.5 for column in samples]
    assert found.high == pytest.approx(min(highs))
    assert found.basis == "smallest of 4, Bonferroni: Student, 9 samples + a bound"
    alone = smallest(each[:1])
    assert (alone.low, alone.high) == pytest.approx((each[0].low, each[0].high))
    wide = each[0].one_of(4)
    assert wide.high - wide.value == pytest.approx(
        mean_interval(samples[0], 1 - 1e-3 / 4).high - samples[0].mean() + 0.5
    )
    assert wide.at(0.9).high == pytest.approx(mean_interval(samples[0], 0.975).high + 0.5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mean_interval([1.0, 2.0]), "number of samples.*got 2"),
        (lambda: mean_interval([1.0, np.nan, 2.0]), "1 of 3 entries are not finite"),
        (lambda: mean_interval([1.0, 2.0, 3.0], 1.0), "confidence: got 1, expected"),
        (lambda: variance_interval(np.ones(5)), "number of samples for a variance.*got 5"),
        (lambda: jackknife_intervals(np.atleast_1d, [1.0, 2.0]), "number of samples.*got 2"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()
