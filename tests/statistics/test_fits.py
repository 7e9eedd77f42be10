"""Least squares and minima of curves."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.statistics.fits import fit_coefficients, minimiser
from theory.setting.checks import InputError


def test_coefficients_of_two_regressors_and_weights():
    rng = np.random.default_rng(0)
    first, second = rng.standard_normal((2, 50, 3))
    response = 2 * first - 3 * second
    assert np.allclose(fit_coefficients(response, [first, second]), [2, -3])
    response[:10] += 1.0
    weights = np.concatenate([np.zeros(10), np.ones(40)])
    assert np.allclose(fit_coefficients(response, [first, second], weights), [2, -3])
    assert not np.allclose(fit_coefficients(response, [first, second]), [2, -3], atol=1e-2)


def test_dependent_regressors_are_refused():
    first = np.random.default_rng(0).standard_normal((20, 2))
    with pytest.raises(InputError, match="linearly dependent"):
        fit_coefficients(first, [first, 2 * first])


@pytest.mark.parametrize("shift", [0.0, 0.1, 0.2])
def test_the_minimum_of_bias_against_noise(shift):
    # b^2 eps^2 + V eps^(-3/2) has its minimum at (3 V/(4 b^2))^(2/7)
    steps = np.geomspace(0.005, 0.4, 15) * np.exp(shift)
    where, least = minimiser(steps, steps**2 + 1e-5 * steps**-1.5)
    expected = (3e-5 / 4) ** (2 / 7)
    assert where == pytest.approx(expected, rel=1e-3)
    assert least == pytest.approx(expected**2 + 1e-5 * expected**-1.5, rel=1e-3)


@pytest.mark.parametrize("values", [np.arange(9.0) + 1, 9 - np.arange(9.0)])
def test_a_minimum_that_is_not_enclosed_is_refused(values):
    with pytest.raises(InputError, match="an end, expected it between"):
        minimiser(np.geomspace(0.01, 1, 9), values)


def test_too_few_steps_are_refused():
    with pytest.raises(InputError, match="got 3 steps from 1"):
        minimiser([1.0, 2.0, 3.0], [2.0, 1.0, 2.0])
