"""Borders of the plane of tokens and temperatures: against expansions, simulation and each other."""

from __future__ import annotations

import math

import numpy as np
import pytest

from theory import regime
from theory.finite_sample import best_temperature, harmonic_error

DIMENSIONS = (1, 2, 3)


def test_the_error_of_tokens_among_themselves_by_simulation():
    # naive: 40 tokens on the circle, the first of them is the query, H = (cos 2t, sin 2t)
    rng, n, eps = np.random.default_rng(6), 40, 0.01
    t = 2 * np.pi * rng.random((100_000, n))
    t -= t[:, :1]
    a = np.exp((np.cos(t) - 1) / (2 * eps))
    a /= a.sum(axis=1, keepdims=True)
    real, imaginary = ((a * f(2 * t)).sum(axis=1) for f in (np.cos, np.sin))
    errors = (((real - 1) / eps + 4) ** 2 + (imaginary / eps) ** 2) / 16
    scatter = errors.std() / np.sqrt(len(errors))
    assert abs(errors.mean() - regime.relative_error(1, eps, n) ** 2) < 4 * scatter
    assert abs(errors.mean() - harmonic_error(1, eps, n)) > 10 * scatter


@pytest.mark.parametrize("d", DIMENSIONS)
def test_the_bias_is_that_of_infinitely_many_tokens(d):
    eps = np.array([0.02, 0.01, 0.005])
    slopes = np.array([regime.bias(d, e) / e for e in eps])
    assert 2 * slopes[2] - slopes[1] == pytest.approx(regime.bias_slope(d), rel=1e-3)
    assert regime.bias_slope(d) == d
    assert regime.relative_error(d, 0.05, 10**12) == pytest.approx(regime.bias(d, 0.05), rel=1e-6)
    border = regime.bias_border(d, 0.1)
    assert regime.bias(d, border) == pytest.approx(0.1) and border > 0.1 / (1.2 * d)


@pytest.mark.parametrize("d", DIMENSIONS)
def test_the_noise_is_that_of_the_law(d):
    eps, n = 0.002, 10**9
    noise = math.sqrt(regime.relative_error(d, eps, n) ** 2 - regime.bias(d, eps) ** 2)
    assert regime.noise_border(d, eps, noise) == pytest.approx(n, rel=0.03)
    assert regime.noise_border(d, eps / 4, noise) == pytest.approx(n * 4 ** (1 + d / 2), rel=0.03)


@pytest.mark.parametrize("d", DIMENSIONS)
def test_fewer_tokens_than_the_border_of_copying_copy(d):
    eps = 0.002
    far, at = (
        regime.relative_error(d, eps, max(2, round(float(regime.copying_border(d, eps, s)))))
        for s in (300.0, 1.0)
    )
    assert at > 1.3 and abs(far - 1) < 0.2 * abs(at - 1)


def test_copying_has_one_effective_neighbour_on_the_circle():
    # N p (4 pi eps)^(1/2) keys, p = 1/(2 pi)
    n = float(regime.copying_border(1, 0.01))
    assert n / (2 * math.pi) * math.sqrt(4 * math.pi * 0.01) == pytest.approx(1.0)


@pytest.mark.parametrize("d", DIMENSIONS)
@pytest.mark.parametrize("error", [0.1, 0.05, 0.01])
def test_the_tokens_needed_reach_the_error_and_no_fewer_do(d, error):
    n, eps = regime.tokens_needed(d, error)
    assert regime.relative_error(d, eps, round(n)) == pytest.approx(error, rel=1e-3)
    assert best_temperature(d, round(0.98 * n), own=True)[1] > error
    many, near = regime.tokens_needed_first_order(d, error)
    assert many == pytest.approx(n, rel=0.02) and near == pytest.approx(eps, rel=0.05)


@pytest.mark.parametrize("d", DIMENSIONS)
def test_halving_a_small_error_takes_the_power_that_the_docs_print(d):
    ratio = regime.tokens_needed(d, 0.002)[0] / regime.tokens_needed(d, 0.004)[0]
    assert ratio == pytest.approx(2 ** ((d + 6) / 2), rel=0.01)
    assert round(2 ** ((d + 6) / 2)) == {1: 11, 2: 16, 3: 23}[d]
