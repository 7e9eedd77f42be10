"""Predictions of `learned_metric` against the image of the manifold under W."""

from __future__ import annotations

import numpy as np
import pytest

from theory.claims.learned_metric import Parameters
from theory.predictions.learned_metric import cubic_family, limit, tensor, with_density
from theory.setting.densities import density
from theory.setting.manifolds import closed_curve

CASE = Parameters(manifolds=("ellipse(a=1.5)",), ranks=(2,)).case(0)
U = np.array([[0.3], [2.1], [4.4]])


@pytest.fixture
def image():
    """W M as a manifold of its own, with the density of the moved tokens."""
    (a, b), (c, d) = CASE.matrix
    x, y = "1.5*cos(u)", "sin(u)"
    curve = closed_curve("image", f"({a}*{x} + {b}*{y}, {c}*{x} + {d}*{y})")
    t = curve.symbols[0]
    moved = CASE.density.expression.subs(CASE.density.manifold.symbols[0], t)
    stretch = CASE.density.manifold.volume_expression.subs(CASE.density.manifold.symbols[0], t)
    return density(curve, moved * stretch / curve.volume_expression)


def test_the_limit_is_that_of_the_image(image):
    # the first features are coordinates, and those of the image are W times them
    found = limit(CASE.p_theta)(U)[:, :2] @ CASE.matrix.T
    assert found == pytest.approx(limit(image)(U)[:, :2])
    wrong = with_density(CASE)(U)[:, :2] @ CASE.matrix.T
    assert np.abs(wrong - limit(image)(U)[:, :2]).max() > 0.1


def test_the_tensor_is_that_of_the_image(image):
    xx, xy, yy = tensor(CASE.learned)(U).T
    found = np.moveaxis(np.array([[xx, xy], [xy, yy]]), 2, 0)
    xx, xy, yy = tensor(image.manifold)(U).T
    expected = np.moveaxis(np.array([[xx, xy], [xy, yy]]), 2, 0)
    assert CASE.matrix @ found @ CASE.matrix.T == pytest.approx(expected)


def test_the_family_is_linear_in_the_cubic_coefficient():
    family = cubic_family(CASE)
    none, one, two = (family(np.array([c]), U) for c in (0.0, 1.0, 2.0))
    assert two - one == pytest.approx(one - none)
    assert np.abs(one - none).max() > 0.01
