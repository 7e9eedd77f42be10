"""Operators of other normalisations against their definitions; each with a twin that fails."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.attention import AttentionOperator
from simulations.attention.normalisations import (
    alpha_normalised,
    convolution,
    doubly_normalised,
    doubly_stochastic,
    log_received,
    received,
    residual,
    sinkhorn,
    swapped,
    top_k,
)
from simulations.observables.generator import squared_jump
from simulations.tokens import quadrature_tokens
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import manifold
from theory.setting.pseudo_metrics import dot_product, squared_distance, user_function

RNG = np.random.default_rng(3)
X, Y = RNG.standard_normal((30, 3)), RNG.standard_normal((20, 3))
SKEW = dot_product(RNG.standard_normal((3, 3)))


def matrix(operator):
    return operator @ np.eye(operator.shape[1])


def rows_to_one(weights):
    return weights / weights.sum(axis=1, keepdims=True)


def squares(x):
    return ((x[:, None] - x) ** 2).sum(axis=2)


def test_doubly_normalised_divides_by_column_sums_then_by_row_sums():
    kernel = np.exp(-SKEW(X, Y) / 0.7)
    found = matrix(doubly_normalised(X, SKEW, 0.7, keys=Y))
    assert np.allclose(found, rows_to_one(kernel / kernel.sum(axis=0)), atol=1e-13)
    assert not np.allclose(found, rows_to_one(kernel), atol=1e-2)


@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0, -0.7])
def test_alpha_normalised_divides_by_a_power_of_the_column_sums(alpha):
    kernel = np.exp(-squares(X) / 4)
    found = matrix(alpha_normalised(X, squared_distance(), 1.0, alpha))
    expected = rows_to_one(kernel / kernel.sum(axis=0) ** alpha)
    assert np.allclose(found, expected, atol=1e-13)
    wrong = rows_to_one(kernel / kernel.sum(axis=0) ** (alpha + 0.1))
    assert not np.allclose(found, wrong, atol=1e-4)


def test_swapped_scores_are_transposed():
    def f(x, y):
        return (x[0] - 2 * y[1]) ** 2 + x[2]

    for score in (SKEW, user_function(f)):
        assert np.allclose(swapped(score)(Y, X), score(X, Y).T)
        assert not np.allclose(score(X, X).T, score(X, X))


@pytest.mark.filterwarnings("ignore::simulations.attention.LonelyTokensWarning")
def test_sinkhorn_ends_doubly_stochastic_and_five_sweeps_do_not():
    f = dot_product()
    ended, stopped = doubly_stochastic(X, f, 0.3), sinkhorn(X, f, 0.3, 5)
    for balanced in (ended, stopped):
        a = matrix(balanced.operator)
        assert np.abs(a.sum(axis=1) - 1).max() < 1e-12
        error = np.abs(a.sum(axis=0) - 1).max()
        assert balanced.column_error == pytest.approx(error, abs=1e-12)
    assert ended.column_error < 1e-9 < 1e-2 < stopped.column_error
    # Sinkhorn and Knopp 1967: one matrix D1 K D2 alone is doubly stochastic
    kernel = np.exp(X @ X.T / 0.3)
    for _ in range(5000):
        kernel = rows_to_one(kernel)
        kernel /= kernel.sum(axis=0)
    assert np.allclose(matrix(ended.operator), kernel, atol=1e-6)
    with pytest.raises(InputError, match="asymmetric score"):
        doubly_stochastic(X, SKEW, 0.3)
    with pytest.raises(InputError, match="after 3 sweeps"):
        doubly_stochastic(X, f, 0.05, limit=3)


def test_weights_of_quadrature_nodes_count_in_every_sum():
    p = density(manifold("circle"), "exp(x/2)")
    tokens = quadrature_tokens(p, 40)
    kernel, w = np.exp(-squares(tokens.points) / 0.4), tokens.weights
    expected = rows_to_one(kernel / (w @ kernel) * w)
    f = squared_distance()
    assert np.allclose(matrix(doubly_normalised(tokens, f, 0.1)), expected, atol=1e-13)
    unweighted = matrix(doubly_normalised(tokens.points, f, 0.1))
    assert not np.allclose(unweighted, expected, atol=1e-4)


def test_top_k_averages_the_nearest():
    distance = squares(X)
    for counted, first in ((True, 0), (False, 1)):
        rows = matrix(top_k(X, 4, counted=counted))
        for row, order in zip(rows, np.argsort(distance, axis=1), strict=True):
            assert set(np.flatnonzero(row)) == set(order[first : first + 4])
            assert np.allclose(row[row > 0], 0.25)
    nearest = np.sort(distance, axis=1)[:, :4]
    assert np.allclose(squared_jump(top_k(X, 4), X), nearest.mean(axis=1))
    with pytest.raises(InputError, match="k: got 31 neighbours among 30 tokens"):
        top_k(X, 31)


def test_residual_and_convolution_against_their_matrices():
    a = AttentionOperator(X, squared_distance(), 0.5)
    expected = 0.7 * np.eye(30) + 0.3 * rows_to_one(np.exp(-squares(X) / 2))
    assert np.allclose(matrix(residual(a, 0.3)), expected)
    w = np.array([0.1, 0.2, 0.0, 0.3, 0.4])
    c = matrix(convolution(w, 9))
    assert np.allclose(c[0], [0.0, 0.3, 0.4, 0, 0, 0, 0, 0.1, 0.2])
    assert np.allclose(c[4], np.roll(c[0], 4))
    with pytest.raises(InputError, match="expected at most 1"):
        residual(a, 1.5)
    with pytest.raises(InputError, match="weights: got 4"):
        convolution(np.full(4, 0.25), 9)


def test_received_attention_is_the_sum_of_a_column():
    a = AttentionOperator(X, dot_product(), 0.5)
    columns = rows_to_one(np.exp(X @ X.T / 0.5)).sum(axis=0)
    assert np.allclose(received(a), columns)
    assert np.allclose(np.exp(log_received(a)), columns)
