"""The diffusion tensor and the cubic term: formulas by hand, and twins that fail."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from theory.learned_metric import (
    CUBIC_COEFFICIENT,
    cubic_term,
    diffusion_tensor,
    key_weighted_cubic,
)
from theory.limits import generator
from theory.setting.densities import density
from theory.setting.geometry import gradient_product
from theory.setting.manifolds import manifold
from theory.setting.metrics import pulled_back, relative_density, with_metric

WEIGHT = "exp(0.3*x1 + 0.2*x2)"


def test_the_tensor_of_a_curve_is_its_tangent_over_the_learned_length():
    ellipse, w = manifold("ellipse(a=1.5)"), np.array([[1.2, 0.3], [-0.4, 0.8]])
    at = 0.7
    tangent = np.array([-1.5 * np.sin(at), np.cos(at)])
    expected = np.outer(tangent, tangent) / ((w @ tangent) ** 2).sum()
    tensor = diffusion_tensor(pulled_back(ellipse, w)).subs(ellipse.symbols[0], at)
    assert np.array(tensor, float) == pytest.approx(expected)
    plain = np.array(diffusion_tensor(ellipse).subs(ellipse.symbols[0], at), float)
    assert np.abs(plain - expected).max() > 0.05


@pytest.mark.parametrize("spec", ["ellipse(a=1.5)", "torus"])
def test_the_cubic_tensor_contracts_to_the_gradient_of_the_weight(spec):
    m = manifold(spec)
    weight = m.expression("weight", WEIGHT)
    weighted, h = with_metric(m, weight * m.metric_expression), m.embedding[0]
    # G^-1 : C_a = (d + 2)/(6 w) dw for C_a the symmetric part of dw (x) g/2, and G^-1 = g^-1/w
    expected = (m.dim + 2) / (6 * weight**2) * gradient_product(m, weight, h)
    u = m._probe_points()
    found = m.function(cubic_term(weighted, key_weighted_cubic(m, WEIGHT), h))(u)
    assert found == pytest.approx(m.function(expected)(u), abs=1e-12)
    assert np.abs(found - 1.1 * m.function(expected)(u)).max() > 1e-3


def test_the_line_of_thought_for_a_weighted_circle():
    # uniform keys, f = w(y)(x - y)^2: moments of exp(-w v^2/eps)(1 - w' v^3/eps) give -3 w'/w^2
    m = manifold("circle")
    w, t = m.expression("w", WEIGHT), m.symbols[0]
    weighted, h = with_metric(m, w * m.metric_expression), m.embedding[1]
    symmetric = generator(relative_density(density(m), weighted), h)
    skew = cubic_term(weighted, key_weighted_cubic(m, w), h)
    direct = sp.diff(h, t, 2) / w - 3 * sp.diff(w, t) / w**2 * sp.diff(h, t)
    u = m._probe_points()
    limit = m.function(symmetric + CUBIC_COEFFICIENT * skew)(u)
    assert limit == pytest.approx(m.function(direct)(u))
