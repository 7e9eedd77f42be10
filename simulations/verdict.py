"""Verdicts: a predicted number, a measured one with its interval, and a control that must be rejected."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from scipy import stats

from theory.checks import InputError, whole

CONFIDENCE = 0.999
SUPPORTED, REFUTED, INCONCLUSIVE = "supported", "refuted", "inconclusive"


@dataclass(frozen=True)
class Interval:
    """A measured number with its confidence interval."""

    value: float
    low: float
    high: float

    def contains(self, number: float) -> bool:
        return self.low <= number <= self.high


@dataclass(frozen=True)
class Check:
    """One quantity of a claim.

    The verdict is "refuted" if the predicted value is outside [ci_low, ci_high] (or, for a bound, above ci_high),
    "supported" if it is inside and every control is rejected, and "inconclusive" otherwise.
    """

    quantity: str
    predicted: float
    measured: float
    ci_low: float
    ci_high: float
    control: str
    control_value: float
    control_rejected: bool
    kind: str
    verdict: str

    def as_dict(self) -> dict:
        return asdict(self)


def mean_interval(samples, confidence: float = CONFIDENCE) -> Interval:
    """Student-t interval for the mean of independent samples, shape (n,), n >= 3."""
    samples = np.asarray(samples, dtype=np.float64)
    whole("number of samples for an interval", samples.size, 3)
    mean, error = samples.mean(), stats.sem(samples)
    half = stats.t.ppf((1 + confidence) / 2, samples.size - 1) * error
    return Interval(float(mean), float(mean - half), float(mean + half))


def widened(interval: Interval, systematic: float) -> Interval:
    """The interval widened on both sides by a bound on a systematic error (truncation, discretisation)."""
    return Interval(interval.value, interval.low - abs(systematic), interval.high + abs(systematic))


def rounding_interval(deviation: float, bound: float) -> Interval:
    """For an identity that holds to rounding: the measured deviation, with a bound on rounding stated beforehand."""
    return Interval(float(deviation), float(deviation - bound), float(deviation + bound))


def check(quantity: str, predicted: float, measured: Interval, controls: dict[str, float], *, kind: str = "two-sided") -> Check:
    """Compare a prediction with a measurement; `controls` are wrong predictions, by name, that must lie outside.

    kind: "two-sided", "at least" (the prediction is a lower bound of the measured quantity) or "identity".
    The control that is reported is the one nearest to the interval.
    """
    if not controls:
        raise InputError(f"{quantity}: a check needs a control that must be rejected")
    name, value = min(controls.items(), key=lambda item: _distance(item[1], measured))
    # of a quantity that is bounded from below, only a control below its interval is rejected
    rejected = value < measured.low if kind == "at least" else not measured.contains(value)
    return _judge(quantity, predicted, measured, name, value, rejected, kind)


def check_against_measurement(
    quantity: str, predicted: float, measured: Interval, control: str, control_measured: Interval, *, kind: str = "two-sided"
) -> Check:
    """Like `check`, where the control is another measurement (a wrong method) that must miss the prediction."""
    rejected = not control_measured.contains(predicted)
    return _judge(quantity, predicted, measured, control, control_measured.value, rejected, kind)


def _judge(quantity, predicted, measured, control, control_value, rejected, kind):
    agrees = predicted <= measured.high if kind == "at least" else measured.contains(predicted)
    verdict = REFUTED if not agrees else SUPPORTED if rejected else INCONCLUSIVE
    if not np.isfinite([measured.value, measured.low, measured.high]).all():
        verdict = INCONCLUSIVE
    return Check(
        quantity, float(predicted), measured.value, measured.low, measured.high,
        control, float(control_value), bool(rejected), kind, verdict,
    )  # fmt: skip


def _distance(value, interval):
    return max(interval.low - value, value - interval.high)


def overall(checks) -> str:
    """The verdict of a claim: refuted if any check is, supported if all are, else inconclusive."""
    verdicts = {c.verdict for c in checks}
    if REFUTED in verdicts:
        return REFUTED
    return SUPPORTED if verdicts == {SUPPORTED} else INCONCLUSIVE
