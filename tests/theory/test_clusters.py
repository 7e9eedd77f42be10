"""How tokens cluster: each formula against its definition, with a twin that must fail."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from theory.clusters import (
    chain_multiplier,
    mode_growth,
    pair_after,
    pair_lifetime,
    pair_step,
    steps_per_decade,
)


def test_growth_is_the_linear_response_of_gaussian_weights():
    """1 + E[(1 - cos k z)(z^2/(2 eps) - 1)], z normal of variance 2 eps: a chain of spacing 0."""
    eps = 0.3

    def response(z, k):
        weight = np.exp(-z * z / (4 * eps)) / np.sqrt(4 * np.pi * eps)
        return weight * (1 - np.cos(k * z)) * (z * z / (2 * eps) - 1)

    for k in (0.5, 1 / np.sqrt(eps), 3.0):
        expected = 1 + quad(response, -20, 20, args=(k,), limit=400)[0]
        assert abs(mode_growth(eps * k**2) - expected) < 1e-9
        assert abs(chain_multiplier(0.01 * k, 0.01, eps) - expected) < 1e-9
        assert abs(chain_multiplier(0.01 * k, 0.01, eps, repulsion=0.0) - expected) > 0.05
    q = np.linspace(0, 4, 4001)
    assert abs(q[np.argmax(mode_growth(q))] - 1) < 1e-12
    assert abs(mode_growth(1.0) - 1 - 2 / np.e) < 1e-15


def test_equal_clusters_follow_the_hyperbolic_tangent():
    delta = np.linspace(0.1, 3, 20)
    step = pair_step(delta, 0.2)
    assert np.abs(step - delta * np.tanh(delta**2 / 1.6)).max() < 1e-14
    assert np.abs(step - delta * np.tanh(delta**2 / 0.8)).max() > 0.1


@pytest.mark.parametrize("ratio", [1.0, 0.3, 5.0])
def test_two_clusters_by_their_weights(ratio):
    """Softmax over two places of masses 1 and r, written out."""
    delta, eps = 0.6, 0.02
    far = np.exp(-(delta**2) / (4 * eps))
    left = ratio * far * delta / (1 + ratio * far)
    right = ratio * delta / (far + ratio)
    assert pair_step(delta, eps, ratio) == pytest.approx(right - left, rel=1e-14)
    assert pair_step(delta, eps, 1 / ratio) == pytest.approx(right - left, rel=1e-14)
    again = pair_step(right - left, eps, ratio)
    assert pair_after(delta, eps, 2, ratio) == pytest.approx(again, rel=1e-14)


def test_lifetime_is_what_steps_add_up_to():
    def steps(x):
        distance, count = np.sqrt(4 * x), 0
        while distance > 1e-6:
            distance, count = pair_after(distance, 1.0, 1), count + 1
        return count

    longer = steps(12.0) - steps(8.0)
    assert abs(longer - (pair_lifetime(12.0) - pair_lifetime(8.0))) < 1
    # without x/2, the correction of Euler and Maclaurin, two steps are missing
    leading = pair_lifetime(12.0) - 6 - (pair_lifetime(8.0) - 4)
    assert abs(longer - leading) > 1


def test_plateaus_are_the_logarithm_of_the_disorder():
    """Displacements -u, u in turn grow by the map of one cluster between two neighbours."""
    eps = 1 / 32

    def step(u):
        x = np.array([1 - 2 * u, -1 - 2 * u])
        weights = np.exp(-(x**2) / (4 * eps))
        return u + weights @ x / (1 + weights.sum())

    def rest(u):
        count = 0
        while u < 0.3:
            u, count = step(u), count + 1
        return count

    gained = (rest(1e-7) - rest(1e-3)) / 4
    assert gained == pytest.approx(steps_per_decade(1.0, eps), abs=0.5)
    assert gained != pytest.approx(steps_per_decade(1.0, eps, repulsion=0.0), abs=0.5)
