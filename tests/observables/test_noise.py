"""The noise of attention read off quadrature nodes, and the mean squared jump."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.attention import AttentionOperator
from simulations.observables.generator import squared_jump
from simulations.observables.noise import noise_on_nodes
from simulations.tokens import iid_tokens, quadrature_tokens
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import manifold
from theory.setting.pseudo_metrics import GAUSSIAN, squared_distance


def test_noise_on_nodes_is_that_of_many_samples():
    p, eps, n = density(manifold("circle"), "1 + cos(t)/2"), 0.2, 500
    query = p.manifold.embed(np.array([[0.4], [3.0]]))
    nodes = quadrature_tokens(p, 400)
    exact = noise_on_nodes(AttentionOperator(query, GAUSSIAN, eps, keys=nodes), nodes.points)
    rng, averages = np.random.default_rng(0), []
    for _ in range(1500):
        x = iid_tokens(p, n, rng).points
        kernel = np.exp(-((query[:, None] - x) ** 2).sum(axis=2) / (4 * eps))
        averages.append(kernel @ x / kernel.sum(axis=1, keepdims=True))
    sampled = n * np.var(averages, axis=0).sum(axis=1)
    assert np.allclose(sampled, exact, rtol=0.15)
    # weights of a node to the first power instead of the second belong to another quantity
    assert not np.allclose(sampled, 2**0.5 * exact, rtol=0.15)


def test_noise_on_nodes_does_not_depend_on_the_scale_of_the_weights():
    p = density(manifold("circle"))
    query, nodes = p.manifold.embed(np.array([[0.4]])), quadrature_tokens(p, 100)
    plain = AttentionOperator(query, GAUSSIAN, 0.1, keys=nodes)
    scaled = AttentionOperator(query, GAUSSIAN, 0.1, keys=nodes, weights=3 * nodes.weights)
    one, other = (noise_on_nodes(a, nodes.points) for a in (plain, scaled))
    assert np.allclose(one, other, rtol=1e-12)
    with pytest.raises(InputError, match="noise_on_nodes: got self-attention"):
        noise_on_nodes(AttentionOperator(nodes, GAUSSIAN, 0.1), nodes.points)


def test_squared_jump_against_its_definition():
    tokens = iid_tokens(density(manifold("torus")), 40, np.random.default_rng(1))
    operator = AttentionOperator(tokens, squared_distance(), 0.3)
    matrix, x = operator @ np.eye(40), tokens.points
    direct = (matrix * ((x[:, None] - x[None]) ** 2).sum(axis=2)).sum(axis=1)
    assert np.allclose(squared_jump(operator), direct, atol=1e-12)
    masked = AttentionOperator(tokens, squared_distance(), 0.3, exclude_self=True)
    assert np.allclose(squared_jump(masked), direct / (1 - operator.self_weight), atol=1e-10)
    assert not np.allclose(squared_jump(masked), direct, rtol=1e-3)
    with pytest.raises(InputError, match="squared_jump: the operator has separate keys"):
        squared_jump(AttentionOperator(tokens, squared_distance(), 0.3, keys=tokens))
