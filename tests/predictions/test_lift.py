"""Predictions of `lift`."""

import numpy as np
import pytest

from theory.claims import lift as claim
from theory.predictions.lift import curves, predict
from theory.setting.quadrature import chart_quadrature


def test_limits_do_not_depend_on_the_experiment():
    for parameters in (claim.Parameters(), claim.Parameters(temperature=0.1, smallest_radius=1.0)):
        predicted = predict(parameters)
        assert predicted[claim.drift("sphere")].value == 2.0
        assert predicted[claim.clock("sphere")].value == 0.25


def test_the_generator_of_a_von_mises_density_on_the_circle():
    """L cos t = -cos t + 2 k sin^2 t for p = exp(k cos t)."""
    k, parameters = 0.6, claim.Parameters(manifolds=("circle",), density="exp(0.6*x)")
    case = parameters.cases()[0]
    t = case.probes()[0][:, 0]
    expected = (-np.cos(t) + 2 * k * np.sin(t) ** 2) / 4
    assert np.allclose(curves(parameters)["circle: L H/4"][:, 0], expected)


def test_at_size_the_drift_is_off_its_limit():
    value = predict(claim.Parameters())[claim.drift_sampled("circle")].value
    assert 1.7 < value < 1.9


def test_radii_have_the_least_as_given():
    for case in claim.Parameters().cases():
        # on a grid twice as fine as the one that the least density is looked for on
        u = chart_quadrature(case.manifold, {1: 1024, 2: 96}[case.manifold.dim])[0]
        assert case.radius(u).min() == pytest.approx(0.8, rel=2e-3)
        ratio = case.radius(u) / case.density(u) ** 2
        assert np.ptp(ratio) < 1e-12 * ratio.max()
