"""Predictions of `generator`, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import iv

from theory.claims import generator as claim
from theory.population import clock_and_drift
from theory.predictions.generator import curves, predict
from theory.setting.references import reference_density


def test_population_of_a_von_mises_density_by_bessel_functions():
    """Kernel times density is von Mises again: A e^(ikt) = I_k(|z|)/I_0(|z|) e^(ik arg z),
    z = a + e^(it)/(2 eps) for p = exp(a cos t)."""
    a, eps = 0.7, 0.05
    t = 2 * np.pi * (np.arange(400) + 0.5) / 400
    z = a + np.exp(1j * t) / (2 * eps)
    size, turn = np.abs(z), z / np.abs(z)
    one, two = (iv(k, size) / iv(0, size) * turn**k for k in (1, 2))
    # x, y, x y, x^2 - y^2, and their L terms: Laplacian -k^2 H, drift (log p)' H'
    e, slope, p = np.exp(1j * t), -a * np.sin(t), np.exp(a * np.cos(t))
    before = [e.real, e.imag, (e**2).imag / 2, (e**2).real]
    after = [one.real, one.imag, two.imag / 2, two.real]
    derivative = [-e.imag, e.real, (e**2).real, -2 * (e**2).imag]
    laplacian = [-before[0], -before[1], -4 * before[2], -4 * before[3]]
    root = np.sqrt(p)
    columns = np.stack(
        [np.concatenate([root * f for f in laplacian]), np.concatenate([root * slope * f for f in derivative])],
        axis=1,
    )  # fmt: skip
    response = np.concatenate([root * (f - g) for f, g in zip(after, before, strict=True)])
    clock, transport = np.linalg.lstsq(columns, response, rcond=None)[0]
    found = clock_and_drift(reference_density("circle", f"exp({a}*x)"), eps)
    assert found == pytest.approx((clock, transport / clock), rel=1e-11)


def test_limits_do_not_depend_on_the_experiment():
    for eps in (0.04, 0.02):
        predicted = predict(claim.Parameters(temperature=eps, manifolds=("sphere",)))
        for where in claim.WHERE:
            assert predicted[claim.drift("sphere", where, claim.LIMIT)].value == 2.0
            assert predicted[claim.clock("sphere", where, claim.LIMIT)].value == 1.0


def test_at_a_temperature_the_drift_is_off_its_limit():
    predicted = predict(claim.Parameters(manifolds=("circle",)))
    value = predicted[claim.drift("circle", claim.WHERE[0], claim.AT_EPS)]
    assert 1.78 < value.value < 1.84 and value.kind == "at size"


def test_the_generator_of_a_von_mises_density():
    """L cos t = -cos t + 2 a sin^2 t for p = exp(a cos t)."""
    parameters = claim.Parameters(manifolds=("circle",), density="exp(0.6*x)")
    u, _ = claim.probe_points(parameters.tokens_density("circle"))
    t = u[:, 0]
    expected = -np.cos(t) + 2 * 0.6 * np.sin(t) ** 2
    assert np.allclose(curves(parameters)["circle_right"][:, 0], expected)


def test_the_known_bias_is_that_of_the_unit_circle_only():
    names = predict(claim.Parameters(manifolds=("circle", "circle(radius=1.5)")))
    assert claim.second_term("circle") in names
    assert claim.second_term("circle(radius=1.5)") not in names
