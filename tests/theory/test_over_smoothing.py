"""The depth of collapse of a known layer, and the time of collapse by a matrix exponential."""

from __future__ import annotations

import math

import numpy as np
import pytest

from theory.over_smoothing import collapse_depth, collapse_time
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import manifold
from theory.spectral import fourier_evolution


def test_collapse_time_is_log_over_lambda_where_p_is_uniform():
    p = density(manifold("circle(radius=2)"))
    x = p.manifold.embedding[0]
    assert collapse_time(p, x, 1e-3) == pytest.approx(4 * math.log(1e3), rel=1e-10)
    assert collapse_time(p, x**2, 1e-3) == pytest.approx(math.log(1e3), rel=1e-10)


@pytest.mark.parametrize("power", [2.0, 1.0])
def test_collapse_time_against_fourier_collocation(power):
    p = density(manifold("circle"), "exp(x/2 + x*y/2)")
    time = collapse_time(p, p.manifold.embedding[0], 1e-3, power)
    u = 2 * np.pi * np.arange(200)[:, None] / 200
    start, end = fourier_evolution(p, "x", [0.0, time], u, drift_coefficient=power)
    weights = p(u) / p(u).sum()
    spreads = [math.sqrt(weights @ (h - weights @ h) ** 2) for h in (start, end)]
    assert spreads[1] / spreads[0] == pytest.approx(1e-3, rel=1e-7)


def test_collapse_depth():
    assert 0.8 ** collapse_depth(0.8, 1e-3) == pytest.approx(1e-3, rel=1e-12)
    # a quarter of the variance is half of the spread
    depth = collapse_depth(0.8, 1e-3, share=0.25)
    assert 0.5 * 0.8**depth == pytest.approx(1e-3, rel=1e-12)
    with pytest.raises(InputError, match="collapse_depth: got decay 1.2"):
        collapse_depth(1.2, 0.1)
