"""Predictions of `evolution`, against closed forms and another solver."""

from __future__ import annotations

import numpy as np
import pytest

from theory.claims import evolution as claim
from theory.family import drift_family
from theory.predictions.evolution import curves, predict
from theory.setting.checks import InputError
from theory.setting.references import reference_density, scattered_points
from theory.spectral import fourier_evolution


@pytest.mark.parametrize(("drift", "factor"), [(0.0, 0.8), (1.37, 1.21), (2.0, 1.0), (4.4, 0.6)])
def test_family_on_the_circle_against_a_galerkin_method(drift, factor):
    p, time = reference_density("circle"), 0.2
    u = np.linspace(0.1, 6.1, 30)[:, None]
    features = "sin(3*x/2) + cos(2*y)/2"
    found = drift_family(p, features, time, u)((drift, factor), u)
    expected = fourier_evolution(p, [features], [factor * time], u, drift_coefficient=drift)[0]
    assert np.abs(found - expected).max() < 1e-5


def test_family_of_uniform_tokens_on_the_sphere_decays_by_harmonics():
    p = reference_density("sphere", "uniform")
    u = scattered_points([(0, np.pi), (0, 2 * np.pi)], 40)
    h = p.manifold.function("x*y")(u)[:, None]
    family = drift_family(p, "x*y", 0.15, u)
    for drift, factor in ((2.0, 1.0), (-0.5, 1.3)):
        assert np.abs(family((drift, factor), u) - np.exp(-6 * 0.15 * factor) * h).max() < 2e-5


def test_family_keeps_its_points():
    p, u = reference_density("circle"), np.linspace(0.1, 6.1, 5)[:, None]
    family = drift_family(p, "x", 0.1, u)
    with pytest.raises(InputError, match="got other points"):
        family((2.0, 1.0), u + 0.1)


def test_a_search_does_not_start_at_the_prediction():
    predicted = predict(claim.Parameters(manifolds=("circle",)))
    member = predicted[claim.features("circle", claim.SAMPLES)]
    values = [value.value for value in member.values.values()]
    assert values == [2.0, 1.0]
    assert all(start != value for start, value in zip(member.neutral, values, strict=True))


def test_curves_hold_the_right_equation_at_its_place():
    found = curves(claim.Parameters(manifolds=("circle",)))
    place = int(np.flatnonzero(np.isclose(found["drifts"], 2.0))[0])
    assert np.array_equal(found["circle_family"][place], found["circle_right"])
