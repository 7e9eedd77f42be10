"""Where heads stand: the dimension of known point sets, the clock of known kernels."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.heads import Head
from simulations.heads.dimension import (
    dimensions,
    distinct,
    maximum_likelihood,
    neighbour_distances,
    two_nearest,
)
from simulations.heads.place import places, symmetric_part, text_place
from theory.setting.checks import InputError


@pytest.mark.parametrize("d", (1, 2, 3, 5))
def test_uniform_points_on_a_sphere_in_many_dimensions(d):
    rng = np.random.default_rng(d)
    x = rng.standard_normal((2000, d + 1))
    x = (x / np.linalg.norm(x, axis=1)[:, None]) @ np.linalg.qr(rng.standard_normal((30, 30)))[0][
        : d + 1
    ]
    found = dimensions(x)
    assert found["two_nearest"] == pytest.approx(d, rel=0.1)
    assert found["maximum_likelihood"] == pytest.approx(d, rel=0.05)


def test_estimators_on_the_laws_that_they_assume():
    # T_k of a Poisson process in d dimensions: T_j^d are arrivals, so log ratios are exact
    rng, d = np.random.default_rng(0), 4.0
    arrivals = rng.exponential(size=(200_000, 10)).cumsum(axis=1) ** (1 / d)
    assert two_nearest(arrivals) == pytest.approx(d, rel=0.01)
    # sum_j log(T_k/T_j) is Gamma(k-1)/d: the mean over j < k is 1/d
    assert maximum_likelihood(arrivals) == pytest.approx(d, rel=0.01)


def test_a_curve_with_noise_is_one_dimensional_at_its_scale():
    t = np.random.default_rng(1).random(1500) * 2 * np.pi
    found = dimensions(np.stack([np.cos(t), np.sin(t), 0.3 * np.sin(3 * t)], axis=1))
    assert found["two_nearest"] == pytest.approx(1, rel=0.1)
    assert found["maximum_likelihood"] == pytest.approx(1, rel=0.05)


def test_points_that_coincide_are_found_and_refused():
    x = np.random.default_rng(0).standard_normal((40, 3))
    twice = np.concatenate([x, x[:7]])
    assert distinct(twice).tolist() == list(range(40))
    with pytest.raises(InputError, match="coincide"):
        neighbour_distances(twice, 3)
    with pytest.raises(InputError, match="got 5, expected at least 10"):
        neighbour_distances(x[:5], 3)


def place_of(w_q, w_k, tokens):
    head = Head(w_q, w_k)
    return places(text_place(head.on(tokens), symmetric_part(head.matrix)))


def test_uniform_attention_has_all_keys_and_clock_one():
    x = np.random.default_rng(0).standard_normal((12, 3))
    neighbours, clock, own = place_of(1e-9 * np.eye(3), 1e-9 * np.eye(3), x)
    assert (neighbours, clock, own) == pytest.approx((12, 1, 1))


def test_tokens_on_a_circle_have_the_clock_of_their_temperature():
    # score x.y at temperature T: tau = T/2, tau/l^2 = d tau/1, and the head's own form is the same
    t = 2 * np.pi * np.arange(400) / 400
    x, temperature = np.stack([np.cos(t), np.sin(t)], axis=1), 0.02
    scale = np.sqrt(np.sqrt(2) / temperature)
    neighbours, clock, own = place_of(scale * np.eye(2), scale * np.eye(2), x)
    assert clock == pytest.approx(temperature / 2, rel=0.02)
    assert own == pytest.approx(clock)
    # 2^(1/2)/s, s = 2 pi/(N (4 pi eps)^(1/2)), eps = T/2
    assert neighbours == pytest.approx(
        np.sqrt(2) * 400 * np.sqrt(4 * np.pi * 0.01) / (2 * np.pi), rel=0.02
    )
