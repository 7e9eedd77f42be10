"""Entropy production: by hand on three states, by the scores alone, and the stationary state of the limit."""

import numpy as np
import pytest

from simulations.attention import AttentionOperator
from simulations.observables.entropy import (
    entropy_production,
    head_entropy,
    masked,
    mean_asymmetry,
    one_way_flow,
    probability_current,
    stationary_law,
    stationary_measure,
    transition_matrix,
)
from simulations.tokens.sampling import iid_tokens, quadrature_tokens
from theory.setting.checks import InputError
from theory.currents import rotation_entropy_rate, stationary_state
from theory.setting.densities import density
from theory.first_order import matrix_force, symmetric_and_rotation
from theory.setting.manifolds import circle, interval, sphere
from theory.setting.pseudo_metrics import dot_product

W = np.array([[1.0, 0.4, -0.2], [0.1, 1.3, 0.3], [0.5, -0.1, 0.9]])


def cycle(forward: float) -> np.ndarray:
    """Three states, a step forward with that probability, else back."""
    return forward * np.roll(np.eye(3), 1, axis=1) + (1 - forward) * np.roll(np.eye(3), -1, axis=1)


def test_three_states_by_hand():
    law = stationary_measure(cycle(0.7))
    assert np.allclose(law, 1 / 3)
    assert entropy_production(cycle(0.7), law) == pytest.approx(0.4 * np.log(7 / 3))
    assert entropy_production(cycle(0.5), law) == pytest.approx(0.0, abs=1e-15)
    assert entropy_production(cycle(1.0), law) == np.inf
    assert one_way_flow(cycle(1.0), law) == pytest.approx(1.0)
    assert one_way_flow(cycle(0.7), law) == 0.0


@pytest.fixture
def tokens():
    return iid_tokens(density(sphere(), "exp(x/2)"), 150, np.random.default_rng(5))


def test_scores_alone_give_the_entropy(tokens):
    operator = AttentionOperator(tokens, dot_product(W), 0.4)
    p = transition_matrix(operator)
    law = stationary_measure(p)
    e = entropy_production(p, law)
    assert e > 1e-2
    assert mean_asymmetry(p, law, dot_product(W)(tokens.points, tokens.points), 0.4) == pytest.approx(e, rel=1e-11)
    assert head_entropy(operator, law, W) == pytest.approx(e, rel=1e-11)
    assert abs(head_entropy(operator, law, W.T) - e) > e
    symmetric = transition_matrix(AttentionOperator(tokens, dot_product((W + W.T) / 2), 0.4))
    assert entropy_production(symmetric, stationary_measure(symmetric)) < 1e-13


def test_stationary_law_without_the_matrix(tokens):
    operator = AttentionOperator(tokens, dot_product(W), 0.4)
    law = stationary_measure(transition_matrix(operator))
    assert np.allclose(stationary_law(operator), law, atol=1e-11)
    assert not np.allclose(operator.T @ np.full(150, 1 / 150), np.full(150, 1 / 150), atol=1e-4)


def test_current_is_the_flow_both_ways(tokens):
    operator = AttentionOperator(tokens, dot_product(W), 0.4)
    p, x = transition_matrix(operator), tokens.points
    law = stationary_measure(p)
    flow = law[:, None] * p
    by_hand = ((flow - flow.T)[:, :, None] * (x[None] - x[:, None])).sum(axis=1) / 2
    assert np.allclose(probability_current(operator, law), by_hand, atol=1e-14)
    assert np.abs(by_hand).max() > 1e-5


def test_masks_leave_every_query_a_key():
    p = cycle(0.7)
    assert np.allclose(masked(p, np.ones((3, 3))), p)
    with pytest.raises(InputError, match="query 0"):
        masked(p, np.tri(3, k=-1))


def test_stationary_state_of_a_tilt_is_known_and_without_current():
    m = sphere()
    p, s = density(m, "exp(x/2 + z/2)"), symmetric_and_rotation(W)[0] / 2
    state = stationary_state(p, matrix_force(m, s), 9)
    x = m.embed(state.coordinates)
    tilted = p(state.coordinates) ** 2 * np.exp(np.einsum("na,ab,nb->n", x, s, x))
    tilted /= state.weights @ tilted
    assert np.allclose(state.density, tilted, rtol=1e-4)
    assert state.entropy_rate < 1e-6 < state.entropy_bound
    assert not np.allclose(state.density, p(state.coordinates) ** 2 / (state.weights @ p(state.coordinates) ** 2), rtol=1e-2)


def test_rate_of_a_rotation_of_uniform_tokens():
    k = symmetric_and_rotation(W)[1]
    state = stationary_state(density(sphere()), matrix_force(sphere(), k), 4)
    assert state.entropy_rate == pytest.approx(rotation_entropy_rate(k), rel=1e-10)
    assert state.entropy_bound == pytest.approx(state.entropy_rate, rel=1e-10)
    with pytest.raises(InputError, match="antisymmetric"):
        rotation_entropy_rate(W)


def test_bad_chains_are_refused():
    with pytest.raises(InputError, match="pieces"):
        stationary_measure(np.eye(4))
    with pytest.raises(InputError, match="closed"):
        stationary_state(density(interval()), (0,))
    ring = quadrature_tokens(density(circle()), 30)
    with pytest.raises(InputError, match="square"):
        transition_matrix(AttentionOperator(ring.points[:5], dot_product(), 1.0, keys=ring))
    with pytest.raises(InputError, match="square"):
        stationary_law(AttentionOperator(ring.points[:5], dot_product(), 1.0, keys=ring))
