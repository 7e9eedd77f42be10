"""The block method finds whole multiplets, and says when it did not converge."""

import numpy as np
import pytest

from simulations.attention import AttentionOperator
from simulations.observables import block_spectrum as block
from simulations.observables.spectrum import leading_eigenpairs
from theory.setting.checks import InputError
from theory.setting.pseudo_metrics import squared_distance


@pytest.fixture
def operator():
    t = 2 * np.pi * np.arange(240) / 240  # every eigenvalue but the first is there twice
    return AttentionOperator(np.column_stack([np.cos(t), np.sin(t)]), squared_distance(), 0.05)


def test_multiplets_are_whole_and_as_found_one_by_one(operator):
    values, functions = block.block_eigenpairs(operator, 7, np.random.default_rng(0), 1e-10, 8)
    one_by_one = leading_eigenpairs(operator, 7, np.random.default_rng(1))[0]
    assert np.abs(values - one_by_one).max() < 1e-12
    gram = functions.T @ (operator.stationary_law[:, None] * functions)
    assert np.abs(gram - np.eye(7)).max() < 1e-10
    assert np.abs(operator @ functions - functions * values).max() < 1e-8


def test_coarse_residuals_give_about_their_square(operator):
    coarse = block.block_eigenpairs(operator, 7, np.random.default_rng(0), 1e-2, 8)[0]
    fine = block.block_eigenpairs(operator, 7, np.random.default_rng(0), 1e-12, 8)[0]
    assert 0 < np.abs(coarse - fine).max() < 2e-3


def test_a_basis_that_is_full_starts_again(operator, monkeypatch):
    monkeypatch.setattr(block, "STEPS", 3)
    values = block.block_eigenpairs(operator, 5, np.random.default_rng(0), 1e-8, 6)[0]
    assert (
        np.abs(values - leading_eigenpairs(operator, 5, np.random.default_rng(1))[0]).max() < 1e-12
    )
    monkeypatch.setattr(block, "RESTARTS", 1)
    with pytest.raises(block.NoConvergence, match="residuals"):
        block.block_eigenpairs(operator, 5, np.random.default_rng(0), 1e-8, 6)


@pytest.mark.parametrize("size", [4, 121])
def test_a_block_that_is_too_small_or_too_large_is_refused(operator, size):
    with pytest.raises(InputError, match="block"):
        block.block_eigenpairs(operator, 5, np.random.default_rng(0), 1e-8, size)
