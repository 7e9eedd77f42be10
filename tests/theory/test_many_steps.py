"""Many steps among the same tokens, against naive simulation, one step, and a published integral."""

from __future__ import annotations

import math

import numpy as np
import pytest

from theory import many_steps, regime
from theory.finite_sample import flat_participation, harmonic_error


@pytest.mark.parametrize("d", (1, 2, 3))
def test_one_step_is_that_of_the_exact_integral(d):
    n, eps = 10**6, 0.04
    found, step = many_steps.moments(d, eps, 1), 2 * (d + 1) * eps
    off = found.mean - 1 + step
    square = (off**2 + (2 * off * found.shift + found.noise) / n) / step**2
    assert square == pytest.approx(harmonic_error(d, eps, n, own=True), rel=1e-4)


def test_many_steps_by_simulation_of_the_definition():
    rng, n, k, eps = np.random.default_rng(2), 200, 4, 0.04
    found = []
    for _ in range(300):
        t = 2 * np.pi * rng.random(n)
        a = np.exp((np.cos(t[:, None] - t) - 1) / (2 * eps))
        a /= a.sum(axis=1, keepdims=True)
        h = np.exp(2j * t)
        true = math.exp(-4 * k * eps) * h
        found.append((abs(np.linalg.matrix_power(a, k) @ h - true) ** 2).mean() / abs(true[0]) ** 2)
    scatter = np.std(found) / math.sqrt(len(found))
    predicted = many_steps.relative_error(1, k, eps, n) ** 2
    # what is left out is of the next order in s = 0.04
    assert abs(np.mean(found) - predicted) < 3.5 * scatter + 0.03 * predicted
    fresh = many_steps.fresh_error(1, k, eps, n) ** 2
    assert abs(np.mean(found) - fresh) > 10 * scatter


@pytest.mark.parametrize("d", (1, 2, 3))
def test_the_bias_of_many_steps(d):
    errors = []
    for steps in (64, 128):
        eps = 0.16 / steps
        found = many_steps.moments(d, eps, steps)
        errors.append((found.mean / math.exp(-2 * (d + 1) * 0.16) - 1) / eps)
    assert 2 * errors[1] - errors[0] == pytest.approx(many_steps.bias_slope(d, 0.16), rel=1e-3)


@pytest.mark.parametrize(
    ("b", "participation"), [(0.25, 0.2524), (0.5, 0.4385), (1, 0.6353), (2, 0.7881)]
)
def test_the_participation_of_a_query_that_is_no_key(b, participation):
    # arXiv 2605.08505: keys on S^2, score beta x.y, beta = b N; s = 1/(N eps) = 2 b
    assert flat_participation(2 * b, 2, own=False) == pytest.approx(participation, abs=6e-5)


def test_keys_that_share_the_weight():
    for d in (1, 2, 3):
        assert flat_participation(1e-3, d) == pytest.approx(1e-3 * 2 ** (-d / 2), rel=5e-3)
        assert flat_participation(regime.copied_share(d), d) == pytest.approx(0.9)
    # 200 tokens on the circle, by the definition
    rng, eps, found = np.random.default_rng(1), 2e-4, []
    for _ in range(300):
        t = 2 * np.pi * rng.random(200)
        a = np.exp((np.cos(t[:1, None] - t) - 1) / (2 * eps))
        found.append(float(((a / a.sum()) ** 2).sum()))
    one = 1 / float(regime.neighbours(1, eps, 200))
    assert abs(np.mean(found) - one) < 4 * np.std(found) / math.sqrt(300)


@pytest.mark.parametrize("d", (1, 2, 3))
def test_the_error_of_a_place_is_that_of_the_map(d):
    eps, n = 0.003, 10**8
    place = float(regime.neighbours(d, eps, n)), regime.clock_over_length(d, eps)
    assert regime.error_at(*place, d) == pytest.approx(regime.relative_error(d, eps, n), rel=0.02)
