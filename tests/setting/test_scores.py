"""Scores as formulas: their slopes, their exchange, heads from a seed."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from theory.setting.checks import InputError
from theory.setting.heads import (
    STRETCH,
    asymmetric_score,
    head,
    symmetric_and_rotation,
    tilted_rotation,
)
from theory.setting.hypotheses import require_unique_minimum
from theory.setting.manifolds import circle, ellipse, sphere
from theory.setting.references import scattered_points
from theory.setting.scores import bilinear, score

W = np.array([[1.0, 0.4, -0.2], [0.1, 1.3, 0.3], [0.5, -0.1, 0.9]])


def test_slope_in_the_key_by_differences():
    m, f, u, step = ellipse(), score("sin(y1 - 2*x2) + x1*y2**2", 2), 0.7, 1e-6
    exact = float(f.key_slope(m)[0].subs(m.symbols[0], u))
    x = m.embed(np.array([[u], [u + step], [u - step]]))
    ahead, behind = (f.paired(x[:1], x[k : k + 1])[0] for k in (1, 2))
    assert exact == pytest.approx((ahead - behind) / (2 * step), rel=1e-8)
    # the slope in the query is another one
    ahead, behind = (f.paired(x[k : k + 1], x[:1])[0] for k in (1, 2))
    assert abs(exact - (ahead - behind) / (2 * step)) > 1e-2


def test_matrix_splits_into_a_gradient_and_a_rotation():
    m = sphere()
    s, k = symmetric_and_rotation(W)
    assert np.allclose(s + k, W) and np.allclose(s, s.T) and np.allclose(k, -k.T)
    potential = (sp.Matrix(m.embedding).T * sp.Matrix(s) * sp.Matrix(m.embedding))[0] / 2
    for v, slope in zip(m.symbols, bilinear(s).key_slope(m), strict=True):
        difference = sp.lambdify(m.symbols, sp.diff(potential, v) + slope)
        assert difference(0.8, 2.1) == pytest.approx(0.0, abs=1e-12)
    # minus the slope of -x^T K y moves along -K x
    u = np.array([[0.8, 2.1]])
    turning = -np.array(sp.lambdify(m.symbols, bilinear(k).key_slope(m))(0.8, 2.1))
    there, jacobian = m.embed(u)[0], m.jacobian(u)[0]
    assert np.allclose(turning, (-k @ there) @ jacobian)
    assert not np.allclose(turning, (k @ there) @ jacobian)


def test_exchange_turns_query_and_key():
    x, y = np.random.default_rng(1).standard_normal((2, 5, 3))
    for f in (bilinear(W), score("x1*y2 + sin(y3)", 3)):
        assert np.allclose(f.exchanged.paired(x, y), f.paired(y, x))
    assert np.allclose(bilinear(W).exchanged.matrix, W.T)


def test_formula_and_compiled_score_agree():
    x = np.random.default_rng(2).standard_normal((6, 3))
    for f in (bilinear(W), score("x1*y2 + sin(y3) + 2", 3)):
        matrix = f.pseudo_metric(x, x)
        assert np.allclose(matrix[np.arange(6), np.arange(6)], f.paired(x, x))


def test_curvature_of_a_quadratic_in_the_key():
    # on the unit circle -y1 has the second derivative cos t
    assert score("-3*y1", 2).key_curvature(circle(), 60) == pytest.approx(3.0, rel=2e-3)


def test_heads_have_two_maps_and_known_singular_values():
    rng = np.random.default_rng(3)
    w = head(rng, 3)
    assert np.linalg.norm(w - w.T) > 0.1
    assert np.linalg.norm(w, 2) <= STRETCH + 1e-12
    b = tilted_rotation(rng, 0.7, 3)
    s, k = symmetric_and_rotation(b)
    assert np.linalg.norm(s) == pytest.approx(0.7) and np.linalg.norm(k) == pytest.approx(0.7)
    assert np.trace(s) == pytest.approx(0.0, abs=1e-12)


def test_scores_are_read_from_formulas_only():
    assert bilinear(W).pseudo_metric(np.eye(3), np.eye(3)) == pytest.approx(-W)
    for bad in ("x1 + z9", "__import__('os')", "(x1, y1)"):
        with pytest.raises(InputError):
            score(bad, 2)
    with pytest.raises(InputError, match="square"):
        bilinear(np.ones((2, 3)))
    with pytest.raises(InputError, match="R"):
        score("x1*y1", 2).in_chart(sphere())
    with pytest.raises(InputError, match="my option: .*unknown name"):
        asymmetric_score("my option", "x1*z9", circle(), np.random.default_rng(0))


@pytest.mark.parametrize("formula", ["y1**2", "0*y1", "x1"])
def test_several_deepest_minima_are_refused(formula):
    m = circle()
    u = scattered_points([(0.0, 2 * np.pi)], 5)
    require_unique_minimum(score("-2*y1 - x1*y2", 2), m, u)
    with pytest.raises(InputError, match="several deepest"):
        require_unique_minimum(score(formula, 2), m, u)


def test_scattered_points_fill_their_box():
    u = scattered_points([(0.0, 1.0), (2.0, 4.0)], 400)
    counts = np.histogram2d(u[:, 0], u[:, 1], bins=4, range=[(0, 1), (2, 4)])[0]
    assert counts.min() >= 20 and counts.max() <= 30
