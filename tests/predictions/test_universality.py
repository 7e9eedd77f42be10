"""Predictions of `universality` against what is known without them."""

from __future__ import annotations

import numpy as np
import pytest

from theory.claims import universality as claim
from theory.claims.universality import Parameters
from theory.predictions.universality import evolution, order, predict
from theory.setting.quadrature import chart_quadrature
from theory.setting.references import probe_features, reference_density


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        ("r**2", 2), ("r**2 + r**3", 1), ("r + r**2", 1), ("2*r + r**2.5", 1.5),
        ("log(1 + r**2)", 2), ("r**2 + r**5", 2), ("geodesic(r + r**2)", 1), ("dot product", 2),
    ],
)  # fmt: skip
def test_the_order_is_that_of_the_next_term_or_of_the_bias(score, expected):
    assert order(score) == pytest.approx(expected)


def test_constants_are_those_of_the_theory():
    predicted = predict(Parameters())
    assert predicted[claim.slowing("circle")].value == pytest.approx(1.693, abs=5e-4)
    assert predicted[claim.slowing("sphere")].value == pytest.approx(1.994, abs=5e-4)
    assert predicted[claim.chord("sphere")].value == pytest.approx(4 / 3)


@pytest.mark.parametrize("manifold", ["circle", "sphere"])
@pytest.mark.parametrize(("drift", "conserved"), [(2.0, True), (1.0, False)])
def test_evolution_conserves_the_mean_of_p_squared_with_drift_2_alone(manifold, drift, conserved):
    p = reference_density(manifold)
    u, w = chart_quadrature(p.manifold, 40)
    law = w * p(u) ** 2 / (w @ p(u) ** 2)
    start = np.stack([p.manifold.function(f)(u) for f in probe_features(p.manifold)], axis=1)
    moved = law @ evolution(p, 0.24, drift, u) - law @ start
    assert (np.abs(moved).max() < 1e-8) == conserved
