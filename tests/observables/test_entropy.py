"""Entropy production of chains: by hand on three states, by the scores alone, without a matrix."""

from __future__ import annotations

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
from simulations.tokens import iid_tokens, quadrature_tokens
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import circle, sphere
from theory.setting.pseudo_metrics import dot_product

W = np.array([[1.0, 0.4, -0.2], [0.1, 1.3, 0.3], [0.5, -0.1, 0.9]])


def cycle(forward: float) -> np.ndarray:
    """Three states, a step forward with that probability, else back."""
    ahead, back = (np.roll(np.eye(3), shift, axis=1) for shift in (1, -1))
    return forward * ahead + (1 - forward) * back


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
    e, scores = entropy_production(p, law), dot_product(W)(tokens.points, tokens.points)
    assert e > 1e-2
    assert mean_asymmetry(p, law, scores, 0.4) == pytest.approx(e, rel=1e-11)
    assert head_entropy(operator, law, W) == pytest.approx(e, rel=1e-11)
    assert abs(head_entropy(operator, law, W.T) - e) > e
    even = transition_matrix(AttentionOperator(tokens, dot_product((W + W.T) / 2), 0.4))
    assert entropy_production(even, stationary_measure(even)) < 1e-13


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


def test_bad_chains_are_refused():
    with pytest.raises(InputError, match="pieces"):
        stationary_measure(np.eye(4))
    ring = quadrature_tokens(density(circle()), 30)
    for refuse in (transition_matrix, stationary_law):
        with pytest.raises(InputError, match="square"):
            refuse(AttentionOperator(ring.points[:5], dot_product(), 1.0, keys=ring))
