"""Predictions of `conformal_metric`, against closed forms."""

import numpy as np
import pytest
from scipy.special import ive

from theory.claims import conformal_metric as claim
from theory.predictions.conformal_metric import predict


def test_exponents_are_minus_four_and_four():
    predicted = predict(claim.Parameters())
    for spec, a in (("circle", -4.0), ("flat_torus(dim=3)", 4.0), ("sphere3", 4.0)):
        for name in (claim.generator, claim.sampled):
            exponents = [value.value for value in predicted[name(spec)].values.values()]
            assert exponents == [a, -a, 1.0]


def test_share_of_a_von_mises_density_on_the_flat_torus():
    """<|b|^2> = 4 k^2 <sin^2> = 4 k I_1(k)/I_0(k) for p = exp(k cos u1), and |Laplacian X|^2 = 2."""
    k = 0.7
    predicted = predict(claim.Parameters(surfaces=("flat_torus",), density=f"exp({k}*x1)"))
    b = 4 * k * ive(1, k) / ive(0, k)
    assert predicted[claim.share("flat_torus")].value == pytest.approx(b / (2 + b), rel=1e-9)


def test_share_of_an_exponential_density_on_the_sphere():
    """<|b|^2> = 4 k^2 (1 - <z^2>), <z^2> = 1 - 2 (coth k - 1/k)/k, and |Laplacian X|^2 = 4."""
    k = 0.8
    parameters = claim.Parameters(
        manifolds=("flat_torus(dim=3)",), surfaces=("sphere",), density=f"exp({k}*x3)"
    )
    predicted = predict(parameters)
    b = 8 * k * (1 / np.tanh(k) - 1 / k)
    assert predicted[claim.share("sphere")].value == pytest.approx(b / (4 + b), rel=1e-9)
