"""Iterated attention against its definition in NumPy and against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.attention import AttentionOperator
from simulations.dynamics.evolve import (
    evolve_at,
    evolve_features,
    evolve_measure,
    evolve_tokens,
)
from simulations.tokens import iid_tokens, quadrature_tokens
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import manifold
from theory.setting.pseudo_metrics import GAUSSIAN, dot_product


def naive_weights(x, y, eps, weights):
    kernel = weights * np.exp(-((x[:, None] - y[None]) ** 2).sum(axis=2) / (4 * eps))
    return kernel / kernel.sum(axis=1, keepdims=True)


def naive_step(x, eps, weights):
    return naive_weights(x, x, eps, weights) @ x


def test_tokens_move_by_their_own_attention():
    rng = np.random.default_rng(5)
    x, weights = rng.standard_normal((40, 2)), rng.random(40)
    first = naive_step(x, 0.3, weights)
    path = evolve_tokens(x, GAUSSIAN, 0.3, [0, 1, 2], weights=weights)
    assert np.abs(path - [x, first, naive_step(first, 0.3, weights)]).max() < 1e-13
    # keys that stay behind are another map
    assert np.abs(path[2] - naive_step(x, 0.3, weights)).max() > 1e-2


def test_features_and_measures_are_powers_of_the_matrix():
    rng = np.random.default_rng(6)
    x, law = rng.standard_normal((50, 3)), np.full(50, 0.02)
    operator = AttentionOperator(x, GAUSSIAN, 0.5)
    a = naive_weights(x, x, 0.5, np.ones(50))
    out = evolve_features(operator, x, [0, 1, 4])
    assert np.allclose(out[2], np.linalg.matrix_power(a, 4) @ x) and np.array_equal(out[0], x)
    after = evolve_measure(operator, law, [3])[0]
    assert np.allclose(after, law @ np.linalg.matrix_power(a, 3))
    assert after.sum() == pytest.approx(1)
    with pytest.raises(InputError, match="increasing"):
        evolve_features(operator, x, [3, 1])


def test_quadrature_tokens_keep_their_weights():
    tokens = quadrature_tokens(density(manifold("circle"), "exp(x)"), 24)
    moved = evolve_tokens(tokens, GAUSSIAN, 0.1, [1])[0]
    assert np.abs(moved - naive_step(tokens.points, 0.1, tokens.weights)).max() < 1e-13
    assert np.abs(moved - evolve_tokens(tokens.points, GAUSSIAN, 0.1, [1])[0]).max() > 1e-2


def test_tokens_attend_to_themselves(monkeypatch):
    """What changes self-attention alone changes the motion."""
    seen = []
    init = AttentionOperator.__init__
    monkeypatch.setattr(
        AttentionOperator,
        "__init__",
        lambda self, *args, **more: seen.append(more.get("keys")) or init(self, *args, **more),
    )
    evolve_tokens(np.random.default_rng(1).random((5, 2)), GAUSSIAN, 1.0, [2])
    assert seen == [None, None]


def test_a_flat_circle_has_no_beginning():
    x = np.random.default_rng(6).random((30, 1))
    move = evolve_tokens(x, GAUSSIAN, 1e-3, [3], period=1.0)[0] - x
    turned = (x + 0.37) % 1.0
    again = evolve_tokens(turned, GAUSSIAN, 1e-3, [3], period=1.0)[0]
    assert np.abs(again - turned - move).max() < 1e-12
    assert np.abs(evolve_tokens(turned, GAUSSIAN, 1e-3, [3])[0] - turned - move).max() > 1e-3


@pytest.mark.parametrize("share", [1.0, 0.3])
def test_residual_steps_keep_gaussian_tokens_gaussian(share):
    """s -> s (1 - h + h s^2/(s^2 + 2 eps)), every token in proportion."""
    tokens = quadrature_tokens(density(manifold("line"), "exp(-u**2/8)"), 160)
    path = evolve_tokens(tokens, GAUSSIAN, 0.4, range(4), share=share)[:, :, 0]
    s = [2.0]
    for _ in range(3):
        s.append(s[-1] * (1 - share + share * s[-1] ** 2 / (s[-1] ** 2 + 0.8)))
    middle = np.abs(path[0]) < 8
    ratios = path[:, middle] / path[0, middle]
    assert np.abs(ratios - np.array(s)[:, None] / 2).max() < 1e-12


def test_normalised_steps_leave_a_uniform_sphere_in_place():
    tokens = quadrature_tokens(density(manifold("sphere")), (24, 48))
    moved = evolve_tokens(tokens, GAUSSIAN, 0.1, [3], normalised=True)[0]
    assert np.abs(moved - tokens.points).max() < 1e-12
    assert np.abs(evolve_tokens(tokens, GAUSSIAN, 0.1, [3])[0] - tokens.points).max() > 0.1


@pytest.mark.parametrize("share", [1.0, 0.4])
def test_normalised_steps_by_definition(share):
    x = np.random.default_rng(2).standard_normal((20, 3))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    kernel = np.exp(x @ x.T / 0.5)
    moved = (1 - share) * x + share * kernel @ x / kernel.sum(axis=1, keepdims=True)
    moved /= np.linalg.norm(moved, axis=1, keepdims=True)
    path = evolve_tokens(x, dot_product(), 0.5, [1], share=share, normalised=True)
    assert np.abs(path[0] - moved).max() < 1e-13
    together = evolve_tokens(x, dot_product(), 0.5, [400], share=share, normalised=True)[0]
    assert np.ptp(together, axis=0).max() < 1e-6


def test_a_token_at_the_origin_has_no_direction():
    tokens = [[1.0, 0.0], [-1.0, 0.0], [0.0, 0.0]]
    with pytest.raises(InputError, match="token 2 has reached the origin"):
        evolve_tokens(tokens, GAUSSIAN, 0.1, [1], normalised=True)


@pytest.mark.parametrize(
    "change",
    [
        {"period": -1.0},
        {"temperature": 0.1},
        {"tokens": np.zeros((3, 2))},
        {"tokens": [[0.0], [1.2]]},
        {"tokens": [[0.0]]},
        {"steps": [2, 1]},
        {"weights": np.ones(4)},
        {"share": 0.0},
        {"share": 1.5},
        {"normalised": True},
    ],
)
def test_unusable_input_is_refused(change):
    arguments = {
        "tokens": [[0.1], [0.4], [0.8]],
        "pseudo_metric": GAUSSIAN,
        "temperature": 1e-3,
        "steps": [1],
        "period": 1.0,
    }
    evolve_tokens(**arguments)
    with pytest.raises(InputError):
        evolve_tokens(**(arguments | change))


@pytest.mark.parametrize("weighted", [True, False])
def test_features_at_points_that_are_no_tokens(weighted):
    rng = np.random.default_rng(7)
    x, points, h = rng.standard_normal((30, 2)), rng.standard_normal((4, 2)), rng.random((30, 2))
    weights = np.append(rng.random(29), 0.0) if weighted else np.ones(30)
    operator = AttentionOperator(x, GAUSSIAN, 0.2, weights=weights)
    inside = naive_weights(x, x, 0.2, weights)
    last = naive_weights(points, x, 0.2, weights)
    path = evolve_at(operator, points, h, [1, 3])
    assert np.abs(path[0] - last @ h).max() < 1e-14
    assert np.abs(path[1] - last @ inside @ inside @ h).max() < 1e-14


def test_at_the_tokens_it_is_the_iteration_itself():
    tokens = iid_tokens(density(manifold("sphere")), 60, np.random.default_rng(3))
    operator = AttentionOperator(tokens, GAUSSIAN, 0.1, key_bias=tokens.points[:, 0], window=1.5)
    h = tokens.points
    path = evolve_at(operator, tokens.points, h, [1, 4])
    assert np.abs(path - evolve_features(operator, h, [1, 4])).max() < 1e-14


def test_evolve_at_is_refused_where_it_means_nothing():
    operator = AttentionOperator(np.eye(3), GAUSSIAN, 0.1)
    with pytest.raises(InputError, match="steps: got 0"):
        evolve_at(operator, np.eye(3), np.ones(3), [0])
    apart = AttentionOperator(np.eye(3), GAUSSIAN, 0.1, keys=np.eye(3))
    with pytest.raises(InputError, match="separate keys"):
        evolve_at(apart, np.eye(3), np.ones(3), [1])
