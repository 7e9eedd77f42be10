"""Predictions of `regime` against closed forms that are known elsewhere."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import iv

from theory.claims import regime as claim
from theory.predictions import regime as predictions

PARAMETERS = claim.Parameters()


@pytest.mark.parametrize("d", claim.DIMENSIONS)
def test_exponents_are_near_the_law_and_no_other(d):
    value = predictions.needed_values(d)[claim.exponent(d)]
    assert value.value == pytest.approx((d + 6) / 2, rel=0.04)
    assert min(abs(v / value.value - 1) for v in value.rivals.values()) > 0.05


def test_the_bias_where_tokens_are_many_is_that_of_bessel_functions():
    many = claim.Parameters(n_smallest=400)
    value = predictions.cell_values(many, 1)[claim.cell(1, "bias")]
    _, eps = many.cell("bias")
    z = 1 / (2 * eps)
    assert value.value == pytest.approx(1 - (1 - iv(2, z) / iv(0, z)) / (4 * eps), rel=1e-3)
    assert "bias alone" not in value.rivals and value.rivals["noise alone, first order"] < 0.1


@pytest.mark.parametrize("d", claim.DIMENSIONS)
def test_where_noise_rules_the_bias_alone_is_the_rival(d):
    value = predictions.cell_values(PARAMETERS, d)[claim.cell(d, "noise")]
    assert value.rivals["bias alone"] < 0.05 * value.value


def test_the_border_of_the_noise_on_the_circle():
    # |grad H|^2 = 4 |H|^2 and L H = -4 H, p = 1/(2 pi): eps 4/(N p (8 pi eps)^(1/2))/(4 eps)^2
    value = predictions.border_values(1)[claim.noise_constant(1)]
    assert value.value == pytest.approx(4 * 2 * math.pi / math.sqrt(8 * math.pi) / 16)


def test_the_ground_goes_through_the_stars_and_the_cells():
    curves = predictions.curves(claim.Parameters(n_levels=4))
    for d in claim.DIMENSIONS:
        assert curves[f"cells_{d}"].shape == (4, len(claim.TEMPERATURES))
        errors, n = curves[f"errors_{d}"], curves["tokens"]
        for error, (needed, _) in zip(claim.ROUND, curves[f"needed_{d}"], strict=True):
            least = np.exp(np.interp(math.log(needed), np.log(n), np.log(errors.min(axis=0))))
            assert least == pytest.approx(error, rel=0.05)
