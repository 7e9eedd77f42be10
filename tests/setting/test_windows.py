"""Quadrature of sharp windows, against moments and volumes in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.tokens.window import window_tokens
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import circle, ellipse, flat_torus, sphere, sphere3
from theory.setting.windows import inner_box, require_one_piece, window_quadrature


def test_moments_of_an_arc():
    m, radius = flat_torus(1), 0.4
    (tokens,) = window_tokens(density(m), np.array([[1.0]]), radius)
    arc, offset = 2 * np.arcsin(radius / 2), tokens.coordinates[:, 0] - 1.0
    assert tokens.weights.sum() == pytest.approx(1.0)
    assert tokens.weights @ offset**2 == pytest.approx(arc**2 / 3, rel=1e-12)
    assert abs(tokens.weights @ offset**2 - radius**2 / 3) > 1e-4


def test_mean_height_of_a_cap():
    """On a cap of chord R about x the mean of x.y is 1 - R^2/4: equal areas have equal heights."""
    m, u, radius = sphere(), np.array([[1.3, 2.0], [2.0, 0.1]]), 0.5
    nodes, weights = window_quadrature(m, u, radius)
    for start, cap, w in zip(u, nodes, weights, strict=True):
        heights = m.embed(cap) @ m.embed(start[None])[0]
        assert w @ heights / w.sum() == pytest.approx(1 - radius**2 / 4, rel=1e-9)
        assert heights.min() >= 1 - radius**2 / 2 - 1e-12


def test_windows_that_do_not_fit_are_refused():
    for near_the_pole in (0.1, 0.4):
        with pytest.raises(InputError, match="smaller"):
            window_quadrature(sphere(), np.array([[near_the_pole, 0.0]]), 0.5)
    with pytest.raises(InputError, match="radius"):
        window_quadrature(circle(), np.array([[0.1]]), 2.5)
    with pytest.raises(InputError, match="dimension 3"):
        window_quadrature(sphere3(), np.array([[0.5, 0.5, 0.5]]), 0.3)


def test_the_box_keeps_windows_off_the_poles():
    m, radius = sphere(), 0.5
    (low, high), turn = inner_box(m, radius)
    assert turn == (0.0, 2 * np.pi)
    window_quadrature(m, np.array([[low, 0.0], [high, 3.0]]), radius)
    with pytest.raises(InputError, match="radius: got 1.5"):
        inner_box(m, 1.5)


def test_a_second_arm_in_the_ball_is_seen():
    u = np.array([[1.5], [0.5]])
    require_one_piece(ellipse(2.0, 1.0), u, 0.5)
    with pytest.raises(InputError, match="radius: got 0.5 on ellipse"):
        require_one_piece(ellipse(2.0, 0.2), u, 0.5)
