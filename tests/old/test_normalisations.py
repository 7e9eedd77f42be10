"""Operators of other normalisations against their definitions, and the formulas of their limits; each with a twin that fails."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from simulations.attention import AttentionOperator
from simulations.experiments.normalisations_nearest import squared_displacement
from simulations.experiments.normalisations_population import interval_of_mass
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
from simulations.tokens.sampling import quadrature_tokens
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import manifold
from theory.normalisations import (
    alpha_prediction,
    angular_density,
    explained_away_rate,
    filter_moments,
    top_k_clock,
    top_k_radius,
    unit_ball_volume,
    window_clock,
)
from theory.setting.pseudo_metrics import dot_product, squared_distance, user_function

RNG = np.random.default_rng(3)
X, Y = RNG.standard_normal((30, 3)), RNG.standard_normal((20, 3))
SKEW = dot_product(RNG.standard_normal((3, 3)))


def matrix(operator):
    return operator @ np.eye(operator.shape[1])


def test_doubly_normalised_divides_by_column_sums_then_by_row_sums():
    kernel = np.exp(-SKEW(X, Y) / 0.7)
    columns = kernel / kernel.sum(axis=0)
    expected = columns / columns.sum(axis=1, keepdims=True)
    rows = kernel / kernel.sum(axis=1, keepdims=True)
    assert np.allclose(matrix(doubly_normalised(X, SKEW, 0.7, keys=Y)), expected, atol=1e-13)
    assert not np.allclose(matrix(doubly_normalised(X, SKEW, 0.7, keys=Y)), rows, atol=1e-2)


def test_alpha_interpolates_between_softmax_and_doubly_normalised():
    f = squared_distance()
    kernel = np.exp(-f(X, X))
    for alpha, expected in ((0.0, AttentionOperator(X, f, 1.0)), (1.0, doubly_normalised(X, f, 1.0))):
        assert np.allclose(matrix(alpha_normalised(X, f, 1.0, alpha)), matrix(expected), atol=1e-13)
    half = kernel / kernel.sum(axis=0) ** 0.5
    assert np.allclose(matrix(alpha_normalised(X, f, 1.0, 0.5)), half / half.sum(axis=1, keepdims=True), atol=1e-13)
    assert alpha_prediction(0.5).drift_coefficient == 1.0 != alpha_prediction(0.6).drift_coefficient


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
    for balanced, bound in ((ended, 1e-9), (stopped, np.inf)):
        a = matrix(balanced.operator)
        assert np.abs(a.sum(axis=1) - 1).max() < 1e-12
        assert balanced.column_error == pytest.approx(np.abs(a.sum(axis=0) - 1).max(), abs=1e-12)
        assert balanced.column_error < bound
    assert stopped.column_error > 1e-2
    assert np.allclose(matrix(sinkhorn(X, f, 0.3, 2000).operator), matrix(ended.operator), atol=1e-6)
    with pytest.raises(InputError, match="asymmetric score"):
        doubly_stochastic(X, SKEW, 0.3)
    with pytest.raises(InputError, match="after 3 sweeps"):
        doubly_stochastic(X, f, 0.05, limit=3)


def test_weights_of_quadrature_nodes_count_in_every_sum():
    p = density(manifold("circle"), "exp(x/2)")
    tokens = quadrature_tokens(p, 40)
    kernel, w = np.exp(-squared_distance()(tokens.points, tokens.points) / 0.1), tokens.weights
    columns = kernel / (w @ kernel) * w
    assert np.allclose(matrix(doubly_normalised(tokens, squared_distance(), 0.1)), columns / columns.sum(axis=1, keepdims=True), atol=1e-13)
    unweighted = matrix(doubly_normalised(tokens.points, squared_distance(), 0.1))
    assert not np.allclose(unweighted, columns / columns.sum(axis=1, keepdims=True), atol=1e-4)


def test_top_k_averages_the_nearest():
    distance = squared_distance(1.0)(X, X)
    for counted, first in ((True, 0), (False, 1)):
        rows = matrix(top_k(X, 4, counted=counted))
        for row, order in zip(rows, np.argsort(distance, axis=1), strict=True):
            assert set(np.flatnonzero(row)) == set(order[first : first + 4])
            assert np.allclose(row[row > 0], 0.25)
    expected = (matrix(top_k(X, 4)) * distance).sum(axis=1)
    assert np.allclose(squared_displacement(top_k(X, 4), X), expected)
    with pytest.raises(InputError, match="k: got 31 neighbours among 30 tokens"):
        top_k(X, 31)


def test_residual_and_convolution_against_their_matrices():
    a = AttentionOperator(X, squared_distance(), 0.5)
    assert np.allclose(matrix(residual(a, 0.3)), 0.7 * np.eye(30) + 0.3 * matrix(a))
    w = np.array([0.1, 0.2, 0.0, 0.3, 0.4])
    c = matrix(convolution(w, 9))
    assert np.allclose(c[0], [0.0, 0.3, 0.4, 0, 0, 0, 0, 0.1, 0.2])
    assert np.allclose(c[4], np.roll(c[0], 4))
    assert filter_moments(w, 0.5) == pytest.approx((0.5 * (-0.2 - 0.2 + 0.3 + 0.8), 0.25 * (0.4 + 0.2 + 0.3 + 1.6)))
    with pytest.raises(InputError, match="expected at most 1"):
        residual(a, 1.5)
    with pytest.raises(InputError, match="weights: got 4"):
        convolution(np.full(4, 0.25), 9)


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize(("k", "counted"), [(2, True), (5, True), (1, False), (4, False)])
def test_top_k_clock_is_the_mean_of_beta_variables(dim, k, counted):
    n, p = 40, 0.7
    total = 0.0
    for j in range(1, k if counted else k + 1):
        # the mass within the j-th nearest of n - 1 tokens is Beta(j, n - j)
        log_norm = sum(np.log(np.arange(j, n))) - sum(np.log(np.arange(1, n - j)))
        total += quad(lambda s, j=j, c=log_norm: np.exp(c) * s ** (j - 1 + 2 / dim) * (1 - s) ** (n - j - 1), 0, 1)[0]
    expected = total / k * (p * unit_ball_volume(dim)) ** (-2 / dim) / (2 * dim)
    clock = top_k_clock(k, n, dim, np.array([p]), counted)[0]
    assert clock == pytest.approx(expected, rel=1e-7)
    assert clock != pytest.approx(top_k_clock(k + 1, n, dim, np.array([p]), counted)[0], rel=0.1)
    large = top_k_clock(5000, 10**6, dim, np.array([p]))[0]
    assert large == pytest.approx(window_clock(top_k_radius(0.005, dim, np.array([p]))[0], dim), rel=1e-3)


def test_angular_density_is_the_radial_integral_of_the_gaussian():
    s = np.array([[1.0, 0.3, 0.1], [0.3, 1.4, -0.2], [0.1, -0.2, 0.7]])
    p = density(manifold("sphere"), angular_density(s))
    u = np.array([[0.4, 1.0], [1.6, 3.0], [2.5, 5.5]])
    inverse, constant = np.linalg.inv(s), (2 * np.pi) ** -1.5 / np.sqrt(np.linalg.det(s))
    expected = [constant * quad(lambda r, q=x @ inverse @ x: r**2 * np.exp(-(r**2) * q / 2), 0, np.inf)[0] for x in p.manifold.embed(u)]
    assert np.allclose(p(u), expected, rtol=1e-8)
    assert not np.allclose(p(u), density(manifold("sphere"), angular_density(s @ s))(u), rtol=0.1)
    with pytest.raises(InputError, match="covariance"):
        angular_density(np.diag([1.0, -1.0]))


def test_interval_of_mass_holds_the_mass():
    p = density(manifold("circle"), "exp(x/2)")
    u = np.array([[0.2], [3.0]])
    arcs = 2 * np.arcsin(interval_of_mass(p, u, 0.1) / 2)
    masses = [quad(lambda t: p(np.array([[t]]))[0], c - r, c + r)[0] for c, r in zip(u[:, 0], arcs, strict=True)]
    assert masses == pytest.approx([0.1, 0.1], rel=1e-9)
    assert arcs[0] < 0.8 * arcs[1]


def test_double_normalisation_ignores_key_biases_but_not_query_biases():
    # on keys e_1..e_m the queries are rows of scores
    scores, keys, f = RNG.standard_normal((15, 10)), np.eye(10), dot_product()
    bias = RNG.standard_normal(15)
    plain = matrix(doubly_normalised(scores, f, 0.5, keys=keys))
    assert np.allclose(matrix(doubly_normalised(scores + bias[:10], f, 0.5, keys=keys)), plain, atol=1e-13)
    assert not np.allclose(matrix(doubly_normalised(scores + bias[:, None], f, 0.5, keys=keys)), plain, atol=1e-2)
    softmax = matrix(AttentionOperator(scores, f, 0.5, keys=keys))
    assert np.allclose(matrix(AttentionOperator(scores + bias[:, None], f, 0.5, keys=keys)), softmax, atol=1e-13)


@pytest.mark.filterwarnings("ignore::simulations.attention.LonelyTokensWarning")
def test_received_attention_and_its_rate():
    a = AttentionOperator(X, dot_product(), 0.5)
    assert np.allclose(received(a), matrix(a).sum(axis=0))
    assert np.allclose(np.exp(log_received(a)), received(a))
    scores = X @ X.T
    rate = explained_away_rate(scores)
    for t in (0.1, 0.01, 0.001):
        error = np.abs(-t * log_received(AttentionOperator(X, dot_product(), t)) - rate)
        assert error.max() <= t * np.log(30)
    # the twin: the mean over queries in place of the least
    assert np.abs(-t * log_received(AttentionOperator(X, dot_product(), t)) - (scores.max(axis=1, keepdims=True) - scores).mean(axis=0)).max() > 0.1
