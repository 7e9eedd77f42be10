"""The mean at N tokens whose bias is bounded by the move from half of them."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.statistics.intervals import mean_interval
from simulations.statistics.limits import settled_mean


@pytest.mark.parametrize("power", [1.1, 1.5, 2.0])
def test_a_bias_that_falls_is_covered(power):
    """No noise to speak of: the truth 0 lies in the interval, and Student's alone misses it."""
    noise = 1e-6 * np.random.default_rng(1).standard_normal((2, 24))
    n = 1000.0
    values, with_half = 5 * n**-power + noise[0], 5 * (n / 2) ** -power + noise[1]
    assert settled_mean(values, with_half).contains(0.0)
    assert not mean_interval(values).contains(0.0)


def test_a_bias_that_stays_is_not_hidden():
    noise = 1e-3 * np.random.default_rng(2).standard_normal((2, 24))
    assert not settled_mean(0.1 + noise[0], 0.1 + noise[1]).contains(0.0)
