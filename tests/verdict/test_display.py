"""Numbers as people write them: never narrower than what was judged."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.statistics.intervals import Interval
from simulations.verdict.display import at_most, measurement, number, prediction, resolution
from simulations.verdict.rows import judged
from theory.predictions import Value


def row(value, measured, low, high, **options):
    interval = Interval(measured, low, high, "a basis", 0.1, 5)
    return judged("q", Value(value, **options), interval)


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((1.998, 1.956, 2.039), "1.998 [1.956, 2.039]"),
        ((1.0, 1 - 1.5e-7, 1 + 1.5e-7), "1 ± 1.5×10⁻⁷"),
        ((1.128379171, 1.128379149, 1.128379193), "1.128379171 ± 2.2×10⁻⁸"),
        ((2.0, 2 - 1e-8, 2 + 3e-8), "2 +3×10⁻⁸ −10⁻⁸"),
        ((1.1e-8, 1.0e-8, 1.2e-8), "(1.10 [1.00, 1.20])×10⁻⁸"),
        ((-1e-9, -0.02, 0.02), "0.000 [-0.020, 0.020]"),
    ],
)
def test_measured_numbers(numbers, text):
    assert measurement(row(2.0, *numbers)) == text


def test_zeros_to_rounding_are_bounds():
    assert measurement(row(0.0, 1e-14, -4.04e-12, 4.06e-12, kind="identity")) == "|x| ≤ 4.1×10⁻¹²"
    assert measurement(row(0.0, 0.0, 0.0, 0.0, kind="identity")) == "0"
    assert resolution(row(0.0, 0.0, -1e-11, 1e-11, kind="identity")) == "10⁻¹¹"
    assert prediction(row(0.25, 0.3, 0.2, 0.4, kind="bound")) == "≥ 0.25"


@pytest.mark.parametrize(
    ("x", "text"),
    [(0.0, "0"), (2.0, "2"), (-0.25, "-0.25"), (1e-8, "10⁻⁸"), (1.0961e-8, "1.0961×10⁻⁸"),
     (3631.8, "3631.8"), (2.5e7, "2.5×10⁷"), (-1e-9, "-10⁻⁹"), (np.inf, "inf")],
)  # fmt: skip
def test_numbers(x, text):
    assert number(x) == text


def test_bounds_are_rounded_up():
    rng = np.random.default_rng(3)
    raised = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
    for bound in 10 ** rng.uniform(-15, -4, 200):
        mantissa, _, power = at_most(bound).rpartition("10")
        shown = float((mantissa.removesuffix("×") or "1") + "e" + power.translate(raised))
        assert bound * (1 - 1e-6) <= shown <= 1.11 * bound
