"""Predictions of `sampling_noise` against closed forms that are known elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from theory.claims import sampling_noise as claim
from theory.claims.sampling_noise import Parameters
from theory.predictions.sampling_noise import best_values, clock_values, noise_values


def test_the_noise_of_many_tokens_is_that_of_the_delta_method():
    p = Parameters(n_tokens=4 * 10**6)
    # N Var = int K^2 (x - A x)^2 p/(int K p)^2 on the circle, by a plain sum
    eps, density = p.noise_temperature(1), p.noise_density(1)
    t = 2 * np.pi * (np.arange(4096) + 0.5) / 4096
    mass = density(t[:, None])
    found = []
    for (query,) in p.queries(1):
        kernel = np.exp((np.cos(t - query) - 1) / (2 * eps))
        x = np.stack([np.cos(t), np.sin(t)])
        mean = (x * kernel * mass).sum(axis=1) / (kernel * mass).sum()
        jumps = ((x - mean[:, None]) ** 2).sum(axis=0)
        found.append((kernel**2 * jumps * mass).sum() / (kernel * mass).sum() ** 2)
    expected = np.mean(found) / 2 * 4096 / (2 * np.pi)
    predicted = noise_values(p, 1)
    assert predicted[claim.noise(1)].value == pytest.approx(expected, rel=1e-5)
    assert predicted[claim.noise_exponent(1)].value == pytest.approx(-1.0, abs=5e-5)


@pytest.mark.parametrize("d", claim.DIMENSIONS)
def test_the_law_of_the_noise_in_the_temperature(d):
    predicted = noise_values(Parameters(n_queries=2), d)
    assert predicted[claim.noise_power(d)].value == 1 - d / 2
    constant = predicted[claim.noise_constant(d)]
    assert constant.rivals["(4 pi)^(-d/2)"] == pytest.approx(2 ** (d / 2) * constant.value)


@pytest.mark.parametrize(("d", "flat"), [(1, 0.8362), (2, 0.8244), (3, 0.8168)])
def test_the_clock_of_many_tokens_is_that_of_flat_space(d, flat):
    values = clock_values(Parameters(n_clock_tokens=100_000), d)
    # in d = 3 the curvature of the sphere is still 2e-4 at this size
    assert values[claim.clock(d, 1 / 4, "plain")].value == pytest.approx(flat, abs=5e-4)
    stationary = values[claim.clock(d, 1 / 4, "stationary")]
    assert stationary.value == pytest.approx(0.8, abs=5e-4)
    assert values[claim.node_clock(d)].value == pytest.approx(1.0, abs=5e-4)


@pytest.mark.parametrize("d", claim.DIMENSIONS)
def test_the_exponents_of_the_best_temperature(d):
    values = best_values(Parameters(n_best=10_000), d)
    law = -2 / (d + 6)
    assert values[claim.best_exponent(d)].value == pytest.approx(law, rel=0.02)
    assert values[claim.least_exponent(d)].value == pytest.approx(law, rel=0.02)
    assert values[claim.best_order(d)].value == pytest.approx(-1 / law)
