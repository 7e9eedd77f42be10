"""Intervals of measured numbers, each with its basis: what makes it as wide as it is.

An interval is built from samples, from levels, or from a bound with a derivation. Nothing here takes a
predicted value, so no interval can be widened by its distance to one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from scipy import stats

from theory.setting.checks import InputError, finite_array, real, whole, within

CONFIDENCE = 0.999


@dataclass(frozen=True)
class Interval:
    """A measured number in [low, high].

    basis: where the width comes from, in words. standard_error and freedom: of the part that is
    Student's, 0 where there is none; that part alone depends on the confidence. logarithmic: it is
    symmetric in the logarithm of the number. together: with how many intervals in all it holds at
    once with the confidence that is said (Bonferroni).
    """

    value: float
    low: float
    high: float
    basis: str
    standard_error: float = 0.0
    freedom: int = 0
    logarithmic: bool = False
    together: int = 1

    def contains(self, number: float) -> bool:
        return self.low <= number <= self.high

    @property
    def half_width(self) -> float:
        return max(self.high - self.value, self.value - self.low)

    def at(self, confidence: float) -> Interval:
        """The same measurement at another confidence: the part that is Student's is scaled."""
        if not self.freedom:
            return self
        asked, now = (
            student_quantile(c, self.freedom, self.together) for c in (confidence, CONFIDENCE)
        )
        change = self.standard_error * (asked - now)
        if self.logarithmic:
            factor = float(np.exp(change / self.value))
            return replace(self, low=self.low / factor, high=self.high * factor)
        return replace(self, low=self.low - change, high=self.high + change)

    def one_of(self, count: int, confidence: float = CONFIDENCE) -> Interval:
        """The same measurement as one of `count` that hold at once: each may fail that much less."""
        if not self.freedom:
            return self
        wider = self.at(1 - (1 - confidence) / count)
        return replace(wider, together=count * self.together)

    def scaled(self, factor: float) -> Interval:
        """The interval of `factor` times the measured number."""
        factor = real("factor", factor)
        low, high = sorted((factor * self.low, factor * self.high))
        error = abs(factor) * self.standard_error
        ends = {"value": factor * self.value, "low": low, "high": high}
        return replace(self, **ends, standard_error=error)

    def plus(self, other: Interval) -> Interval:
        """The interval of the sum of two measured numbers: both half-widths are added.

        The sum keeps the Student part of the one that has it; of two, that of the wider.
        """
        wider = max(self, other, key=lambda i: i.standard_error)
        return Interval(
            self.value + other.value,
            self.low + other.low,
            self.high + other.high,
            f"{self.basis} + {other.basis}",
            wider.standard_error,
            wider.freedom,
            together=wider.together,
        )


def mean_interval(samples, confidence: float = CONFIDENCE) -> Interval:
    """Student's interval for the mean of independent samples, shape (n,), n >= 3."""
    samples = finite_array("samples", samples, (None,))
    whole("number of samples for an interval", samples.size, 3)
    check_confidence(confidence)
    mean, error = float(samples.mean()), float(stats.sem(samples))
    half = student_quantile(confidence, samples.size - 1) * error
    basis = f"Student, {samples.size} samples"
    return Interval(mean, mean - half, mean + half, basis, error, samples.size - 1)


def jackknife_intervals(statistic, samples, confidence: float = CONFIDENCE) -> list[Interval]:
    """The intervals of statistics of the mean of independent samples (n, ...), by the jackknife.

    statistic: of the mean over samples, an array, to numbers (k,). With T of all samples and T_i
    without the i-th, the mean of n T - (n-1) T_i has Student's interval (Tukey 1958); its bias is
    of order 1/n^2.
    """
    samples = np.asarray(samples, dtype=np.float64)
    n = whole("number of samples for an interval", len(samples), 3)
    total = samples.sum(axis=0)
    whole_value = np.asarray(statistic(total / n))
    without = np.array([statistic((total - sample) / (n - 1)) for sample in samples])
    pseudo_values = n * whole_value - (n - 1) * without
    return [mean_interval(column, confidence) for column in pseudo_values.T]


def bounded(interval: Interval, bound: float, derivation: str) -> Interval:
    """The interval widened on both sides by a bound, with its derivation in words.

    The bound comes from the measurement alone: rounding, an engine's tolerance, a move between
    levels. It is never a distance to a prediction, nor a constant chosen by hand.
    """
    bound = within("bound", bound, 0.0, np.inf)
    if not derivation:
        raise InputError("derivation: got none, expected a text that says where the bound is from")
    basis = f"{interval.basis} + {derivation}"
    return replace(interval, low=interval.low - bound, high=interval.high + bound, basis=basis)


def exact(value: float, bound: float, derivation: str) -> Interval:
    """A number without samples that is known to a bound, such as that of rounding."""
    value, bound = real("value", value), within("bound", bound, 0.0, np.inf)
    if not derivation:
        raise InputError("derivation: got none, expected a text that says where the bound is from")
    return Interval(value, value - bound, value + bound, derivation)


def counted(number: int) -> Interval:
    """A number that is counted, not measured."""
    return exact(float(number), 0.0, "counted")


def check_confidence(confidence: float) -> float:
    """A confidence between 0 and 1, both excluded. Raises InputError otherwise."""
    confidence = real("confidence", confidence)
    if not 0 < confidence < 1:
        raise InputError(f"confidence: got {confidence:g}, expected a number between 0 and 1")
    return confidence


@cache
def student_quantile(confidence: float, freedom: int, together: int = 1) -> float:
    """By how many standard errors an interval of Student's reaches to each side.

    together: of so many intervals that hold at once, each misses that many times less often.
    """
    each = 1 - (1 - confidence) / together
    return float(stats.t.ppf((1 + each) / 2, freedom))


def variance_interval(samples, confidence: float = CONFIDENCE) -> Interval:
    """The variance of independent samples (n,), or the mean variance of the columns of (n, c).

    Student's interval in the logarithm, where a variance is nearly symmetric, with the scatter of
    the squared deviations (delta method), so that no shape of the distribution is assumed.
    """
    samples = np.asarray(samples, dtype=np.float64)
    n = len(finite_array("samples", samples.reshape(len(samples), -1), (None, None)))
    whole("number of samples for a variance", n, 8)
    check_confidence(confidence)
    deviations = (samples - samples.mean(axis=0)) ** 2 * n / (n - 1)
    squares = deviations.reshape(n, -1).mean(axis=1)
    value = float(squares.mean())
    basis = f"Student in the logarithm, {n} samples"
    # samples without scatter, as when a seed is used twice: a zero with no logarithm
    if value == 0:
        return Interval(0.0, 0.0, 0.0, basis, 0.0, n - 1)
    error = float(stats.sem(squares)) / value
    half = student_quantile(confidence, n - 1) * error
    low, high = value * np.exp([-half, half])
    return Interval(value, float(low), float(high), basis, value * error, n - 1, True)


def rounding_of_sums(n_terms: int, size: float = 1.0) -> float:
    """A bound on the rounding of a ratio of two sums of `n_terms` terms of that size.

    Every operation errs by at most half a unit in the last place, so a sum of n terms by n units
    (Higham 2002, section 4.2), and a ratio of two sums by twice that.
    """
    return 2 * whole("n_terms", n_terms, 1) * np.finfo(np.float64).eps * real("size", size)


def rounded(value: float, n_terms: int, size: float = 1.0) -> Interval:
    """A number known to rounding: a deviation that would be zero without it, or any other ratio of
    sums of `n_terms` terms of that size."""
    bound = rounding_of_sums(n_terms, size)
    return exact(value, bound, f"rounding of sums of {n_terms} terms")


def smallest(intervals, confidence: float = CONFIDENCE) -> Interval:
    """The smallest of several measured numbers: it lies between the least low and the least high.

    That holds where every interval holds its number, so each of k is taken at the confidence
    1 - (1 - c)/k (Bonferroni): at c each, the least high of k equal numbers would fall below them up
    to k times too often. What is not Student's in an interval holds anyway, and stays.
    """
    return _extreme(intervals, min, "smallest", confidence)


def largest(intervals, confidence: float = CONFIDENCE) -> Interval:
    """The largest of several measured numbers: between the greatest low and high (`smallest`)."""
    return _extreme(intervals, max, "largest", confidence)


def _extreme(intervals, pick, word, confidence):
    count = len(intervals)
    jointly = [interval.one_of(count, confidence) for interval in intervals]
    found = pick(jointly, key=lambda i: i.value)
    low, high = (pick(getattr(i, end) for i in jointly) for end in ("low", "high"))
    corrected = any(i.freedom for i in jointly) and count > 1
    said = f"{word} of {count}" + (", Bonferroni" if corrected else "")
    return replace(found, low=low, high=high, basis=f"{said}: {found.basis}")
