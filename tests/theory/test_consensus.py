"""The consensus value: its limit, and its law over samples by enumeration and simulation."""

from __future__ import annotations

import numpy as np
import pytest

from theory.consensus import density_mean, limit_variance, sample_law, squared_density_mean
from theory.setting.densities import density
from theory.setting.manifolds import manifold

CARDIOID = density(manifold("circle"), "1 + cos(t)/2")


def test_means_of_a_known_density():
    # p = (1 + a cos t)/(2 pi): int cos p^2/int p^2 = a/(1 + a^2/2), int cos p = a/2
    assert squared_density_mean(CARDIOID, "cos(t)") == pytest.approx(0.5 / 1.125, rel=1e-12)
    assert density_mean(CARDIOID, "cos(t)") == pytest.approx(0.25, rel=1e-12)


def test_the_limit_of_the_variance():
    # uniform: 4 Var(cos); a = 1/2: 4 int (cos - m)^2 (1 + a cos)^3/(2 pi)/(1 + a^2/2)^2
    assert limit_variance(density(manifold("circle")), "cos(t)") == pytest.approx(2.0, rel=1e-12)
    t = 2 * np.pi * np.arange(64) / 64
    m = 0.5 / 1.125
    expected = 4 * np.mean((np.cos(t) - m) ** 2 * (1 + np.cos(t) / 2) ** 3) / 1.125**2
    assert limit_variance(CARDIOID, "cos(t)") == pytest.approx(expected, rel=1e-12)


def simulated(n, eps, repeats, rng):
    """Consensus values of n tokens of the cardioid, one a sample, by the definition."""
    t = 2 * np.pi * rng.random((3 * repeats, 2 * n))
    keep = rng.random(t.shape) < (1 + np.cos(t) / 2) / 1.5
    rows = [row[k][:n] for row, k in zip(t, keep, strict=True) if k.sum() >= n][:repeats]
    values = []
    for row in rows:
        degrees = np.exp((np.cos(row[:, None] - row) - 1) / (2 * eps)).sum(axis=1)
        values.append(degrees @ np.cos(row) / degrees.sum())
    return np.array(values)


def test_the_law_over_samples_by_simulation():
    n, eps = 60, 0.1
    values = simulated(n, eps, 12_000, np.random.default_rng(0))
    mean, variance = sample_law(CARDIOID, "cos(t)", eps, n)
    error = values.std() / np.sqrt(len(values))
    assert abs(values.mean() - mean) < 4 * error
    assert values.var() == pytest.approx(variance, rel=4 * np.sqrt(2 / len(values)))
    # neither the limit of many tokens, nor the law without the bias of a ratio
    many, _ = sample_law(CARDIOID, "cos(t)", eps, 10**9)
    assert abs(values.mean() - many) > 4 * error


def test_the_law_of_many_tokens_tends_to_the_limit():
    scaled = [10**9 * sample_law(CARDIOID, "cos(t)", e, 10**9)[1] for e in (0.02, 0.01, 0.005)]
    first = 2 * scaled[1] - scaled[0], 2 * scaled[2] - scaled[1]
    limit = (4 * first[1] - first[0]) / 3
    assert limit == pytest.approx(limit_variance(CARDIOID, "cos(t)"), rel=1e-4)
