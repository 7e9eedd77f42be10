"""Romberg's limit of values that are known to within errors."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.statistics.limits import AMPLIFIED, romberg, romberg_value, romberg_within
from theory.setting.checks import InputError


def test_no_errors_of_the_values_leave_the_interval():
    steps = 0.5 ** np.arange(6)
    exact = 1 + 0.3 * steps + 0.1 * steps**2
    for signs in np.random.default_rng(2).choice([-1.0, 1.0], (50, 6)):
        interval = romberg_within(exact + 1e-3 * signs, np.full(6, 1e-3), "made up")
        assert interval.contains(1.0)
        assert "made up" in interval.basis


def test_the_amplification_is_the_largest_there_is():
    # alternating errors add up
    worst = abs(romberg_value((-1.0) ** np.arange(20)))
    assert 0.99 * AMPLIFIED < worst < AMPLIFIED
    values = [1.0, 1.1, 1.15, 1.17]
    wider = romberg_within(values, np.full(4, 1e-3), "made up").half_width
    assert wider == pytest.approx(romberg(values).half_width + AMPLIFIED * 1e-3)
    with pytest.raises(InputError, match="errors"):
        romberg_within(values, [1e-3], "made up")
