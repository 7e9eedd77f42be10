"""The jackknife with a bound on what it leaves, on an estimate whose bias is known."""

from __future__ import annotations

import numpy as np

from simulations.statistics.jackknife import jackknifed_interval, jackknifed_twice
from simulations.tokens import iid_tokens
from theory.setting.densities import density
from theory.setting.manifolds import manifold


def test_what_is_left_of_the_bias_is_covered():
    """An estimate of 1 with the bias a/N + b/N^2: the jackknife leaves -2 b/N^2."""
    p = density(manifold("circle"))
    rng = np.random.default_rng(3)

    def estimate(tokens):
        n = len(tokens)
        return 1 + 3 / n + 400 / n**2 + 1e-3 * np.cos(tokens.coordinates).mean()

    pairs = np.array([jackknifed_twice(estimate, iid_tokens(p, 200, rng)) for _ in range(30)])
    interval = jackknifed_interval(*pairs.T)
    assert abs(interval.value - (1 - 2 * 400 / 200**2)) < 1e-3
    assert interval.contains(1.0) and not interval.contains(1.05)
    assert interval.half_width < 4 * 2 * 400 / 200**2
