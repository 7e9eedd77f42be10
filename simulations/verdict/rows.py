"""A row of a verdict: one predicted number beside one measured interval, with its rivals."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from simulations.statistics.intervals import Interval
from theory.predictions import Value

SUPPORTED, REFUTED, INCONCLUSIVE = "supported", "refuted", "inconclusive"
# the relative error of the prediction that a row must be able to refute
HEADLINE_RESOLUTION, ROW_RESOLUTION = 0.05, 0.10
# identities hold to rounding: sums of a million terms, a hundred times over, stay below
IDENTITY_RESOLUTION = 1e-6


@dataclass(frozen=True)
class Rival:
    """A wrong prediction, or what a wrong method measured, and whether it is rejected."""

    value: float
    rejected: bool


@dataclass(frozen=True)
class Row:
    """One judged quantity.

    "refuted": the prediction is outside [ci_low, ci_high] (for a bound: above ci_high).
    "supported": it is inside, every rival is rejected, and the row resolves what it must.
    "inconclusive": otherwise, with the reason. resolution: the smallest relative error of the
    prediction, on either side, that the row would have refuted (absolute where the prediction is
    zero and has no scale). aside: it stands beside the claim, whose verdict does not rest on it.
    """

    quantity: str
    kind: str
    predicted: float
    measured: float
    ci_low: float
    ci_high: float
    basis: str
    resolution: float
    rivals: dict[str, Rival]
    verdict: str
    reason: str
    standard_error: float
    freedom: int
    together: int = 1
    aside: bool = False

    def as_dict(self) -> dict:
        return asdict(self)

    @property
    def half_width(self) -> float:
        return max(self.ci_high - self.measured, self.measured - self.ci_low)


def row_from_dict(stored: dict) -> Row:
    """The inverse of `Row.as_dict`."""
    rivals = {name: Rival(**r) for name, r in stored["rivals"].items()}
    return Row(**(stored | {"rivals": rivals}))


def judged(
    quantity: str,
    value: Value,
    measured: Interval,
    wrong_methods: dict[str, Interval] | None = None,
    *,
    headline: bool = False,
    resolution: float = 0.0,
) -> Row:
    """Judge a finished interval against a predicted value and its rivals.

    A rival value must lie outside the interval; the interval of a wrong method must miss the
    prediction. resolution: of what else is predicted, such as a function; the coarser counts.
    """
    rivals = {
        name: Rival(float(v), not accepts(value.kind, v, measured))
        for name, v in value.rivals.items()
    } | {
        name: Rival(wrong.value, not accepts(value.kind, value.value, wrong))
        for name, wrong in (wrong_methods or {}).items()
    }
    resolution = max(resolution, _resolution(value, measured))
    verdict, reason = _verdict(value, measured, rivals, resolution, headline)
    return Row(
        quantity, value.kind, value.value, measured.value, measured.low, measured.high,
        measured.basis, resolution, rivals, verdict, reason,
        measured.standard_error, measured.freedom, measured.together, value.aside,
    )  # fmt: skip


def overall(rows) -> str:
    """The verdict of a claim: refuted if any row is, supported if all are, else inconclusive; of the
    rows that it rests on."""
    verdicts = {row.verdict for row in rows if not row.aside}
    if REFUTED in verdicts:
        return REFUTED
    return SUPPORTED if verdicts == {SUPPORTED} else INCONCLUSIVE


def accepts(kind: str, value: float, measured: Interval) -> bool:
    """Whether the interval allows the value: holds it, or for a lower bound reaches above it."""
    if kind == "bound":
        return value <= measured.high
    return measured.low <= value <= measured.high


def _resolution(value, measured):
    p = value.value
    above, below = measured.high - p, p - measured.low
    size = abs(p) or value.scale or 1.0
    if value.kind == "bound":
        return float(max(above, 0.0) / size)
    if min(above, below) < 0:
        return float(measured.half_width / size)
    return float(max(above, below) / size)


def _verdict(value, measured, rivals, resolution, headline):
    numbers = (measured.value, measured.low, measured.high)
    if not np.isfinite(numbers).all():
        return INCONCLUSIVE, "the measurement is not finite"
    if not accepts(value.kind, value.value, measured):
        return REFUTED, "the prediction lies outside the interval"
    if left := [name for name, rival in rivals.items() if not rival.rejected]:
        return INCONCLUSIVE, f"not rejected: {', '.join(left)}"
    needed = HEADLINE_RESOLUTION if headline else ROW_RESOLUTION
    if value.kind == "identity":
        needed = IDENTITY_RESOLUTION
    if value.kind != "bound" and resolution > needed:
        return INCONCLUSIVE, f"resolves {resolution:.2g} of the prediction, expected {needed:g}"
    return SUPPORTED, ""
