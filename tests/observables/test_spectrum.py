"""Eigenpairs of attention against the dense matrix, and observed multiplicities."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import iv

from simulations.attention import AttentionOperator
from simulations.observables.spectrum import group_by_gaps, leading_eigenpairs
from simulations.tokens import iid_tokens, quadrature_tokens
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import manifold
from theory.setting.pseudo_metrics import mahalanobis, squared_distance


def rng():
    return np.random.default_rng(5)


@pytest.mark.parametrize("n", [150, 700])
def test_leading_eigenpairs_against_the_dense_matrix(n):
    tokens = iid_tokens(density(manifold("sphere"), "exp(z)"), n, rng())
    operator = AttentionOperator(tokens, squared_distance(), 0.1)
    x = tokens.points
    kernel = np.exp(-((x[:, None] - x) ** 2).sum(axis=2) / 0.4)
    dense = kernel / kernel.sum(axis=1, keepdims=True)
    expected = np.sort(np.linalg.eigvals(dense).real)[::-1][:6]
    values, functions = leading_eigenpairs(operator, 6, rng())
    assert np.allclose(values, expected, atol=1e-10)
    assert np.allclose(dense @ functions, values * functions, atol=1e-8)
    pi = kernel.sum(axis=1) / kernel.sum()
    assert np.allclose(functions.T @ (pi[:, None] * functions), np.eye(6), atol=1e-8)
    assert not np.allclose(functions.T @ functions / n, np.eye(6), atol=1e-3)


def test_no_copy_of_a_degenerate_eigenvalue_is_missed():
    tokens = quadrature_tokens(density(manifold("sphere")), (20, 40))
    operator = AttentionOperator(tokens, squared_distance(), 0.1)
    ratios = iv(np.arange(4) + 0.5, 5.0) / iv(0.5, 5.0)
    expected = np.repeat(ratios, [1, 3, 5, 7])
    for seed in range(4):
        values = leading_eigenpairs(operator, 16, np.random.default_rng(seed))[0]
        assert np.allclose(values, expected, atol=1e-9)


def test_group_by_gaps():
    values = [0.0, 2.1, 1.9, 2.0, 6.2, 5.9, 6.0, 6.1, 5.8]
    assert group_by_gaps(values, 3).tolist() == [1, 3, 5]
    assert group_by_gaps(values, 2).tolist() == [4, 5]
    with pytest.raises(InputError, match="n_groups: got 4 for 3"):
        group_by_gaps([1.0, 2.0, 3.0], 4)


def test_bad_input_is_named():
    tokens = iid_tokens(density(manifold("circle")), 30, rng())
    with pytest.raises(InputError, match="count: got 20 eigenvalues of 30 tokens"):
        leading_eigenpairs(AttentionOperator(tokens, squared_distance(), 0.5), 20, rng())
    skew = AttentionOperator(tokens, mahalanobis(np.eye(2)), 0.5, keys=tokens)
    with pytest.raises(InputError, match="stationary_law"):
        leading_eigenpairs(skew, 3, rng())
