"""The metric that W induces, the density relative to it, and the pointwise measurements: formulas with twins that fail."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from simulations.attention import AttentionOperator
from simulations.experiments.learned_metric import Parameters
from simulations.experiments.learned_metric_case import random_matrix, short_names
from simulations.observables.pointwise import drift_and_diffusion
from simulations.tokens.sampling import quadrature_tokens
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.learned_metric import (
    cubic_term,
    diffusion_tensor,
    key_weighted_cubic,
    pulled_back,
    relative_density,
    with_metric,
)
from theory.limits import generator
from theory.setting.manifolds import closed_curve, manifold
from theory.setting.pseudo_metrics import mahalanobis, user_function
from theory.setting.quadrature import chart_quadrature

W = np.array([[1.2, 0.3], [-0.4, 0.8]])


@pytest.fixture
def ellipse():
    return manifold("ellipse(a=1.5)")


def test_pulled_back_metric_is_that_of_the_mapped_embedding(ellipse):
    mapped = closed_curve("mapped", "(1.2*1.5*cos(u) + 0.3*sin(u), -0.4*1.5*cos(u) + 0.8*sin(u))")
    u = ellipse._probe_points()
    assert np.allclose(pulled_back(ellipse, W).metric(u), mapped.metric(u))
    assert not np.allclose(ellipse.metric(u), mapped.metric(u), rtol=0.05)


def test_relative_density_gives_every_arc_the_same_mass(ellipse):
    p = density(ellipse, "exp(x/2)")
    learned = pulled_back(ellipse, W)
    relative = relative_density(p, learned)
    u, w = chart_quadrature(ellipse, 50)
    _, w_learned = chart_quadrature(learned, 50)
    assert np.allclose(relative(u) * w_learned, p(u) * w, rtol=1e-12)
    assert not np.allclose(density(learned, p.expression)(u) * w_learned, p(u) * w, rtol=0.05)


def test_a_matrix_that_folds_or_crosses_the_manifold_is_refused(ellipse):
    for rank in (0, 2):
        with pytest.raises(InputError, match=f"got rank {rank} on sphere, expected at least 3"):
            pulled_back(manifold("sphere"), np.eye(3)[:rank])
    bent, flat = closed_curve("bent", "(cos(u), sin(u), 0.4*sin(2*u))"), closed_curve("eight", "(sin(2*u), sin(u), cos(u))")
    assert pulled_back(bent, np.eye(3)[:2]).dim == 1
    with pytest.raises(InputError, match="brings points of eight together"):
        pulled_back(flat, np.eye(3)[:2])
    with pytest.raises(InputError, match="matrix: got shape"):
        pulled_back(ellipse, np.eye(3))


def test_pointwise_measurements_tend_to_the_learned_generator(ellipse):
    p = density(ellipse, "exp(x/2 + y/4)")
    learned = pulled_back(ellipse, W)
    relative = relative_density(p, learned)
    u = np.array([[0.3], [2.1], [4.4]])
    x, keys = ellipse.embed(u), quadrature_tokens(p, 900)
    levels = [drift_and_diffusion(AttentionOperator(x, mahalanobis(W), eps, keys=keys), x, keys.points, eps) for eps in (2e-3, 1e-3)]
    drift, diffusion = (2 * fine - coarse for coarse, fine in zip(*levels, strict=True))
    right, wrong = (np.stack([ellipse.function(generator(q, c))(u) for c in ellipse.embedding], axis=1) for q in (relative, density(learned, p.expression)))
    assert np.allclose(drift, right, atol=2e-3)
    assert not np.allclose(drift, wrong, atol=0.1)
    assert np.allclose(diffusion[0], np.array(diffusion_tensor(learned).subs(ellipse.symbols[0], 0.3), float), atol=1e-3)
    assert not np.allclose(diffusion[0], np.array(diffusion_tensor(ellipse).subs(ellipse.symbols[0], 0.3), float), atol=0.05)


def test_diffusion_is_half_the_covariance_of_a_step():
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((4, 2)), rng.standard_normal((30, 2))
    operator = AttentionOperator(x, mahalanobis(W), 0.5, keys=y)
    rows = operator @ np.eye(30)
    expected = np.cov(y.T, aweights=rows[0], ddof=0) / (2 * 0.1)
    assert np.allclose(drift_and_diffusion(operator, x, y, 0.1)[1][0], expected)


@pytest.mark.parametrize("spec", ["ellipse(a=1.5)", "torus"])
def test_cubic_tensor_is_symmetric_and_contracts_to_the_gradient_of_the_weight(spec):
    m = manifold(spec)
    weight = m.expression("weight", "exp(0.3*x1 + 0.2*x2)")
    weighted = with_metric(m, weight * m.metric_expression)
    cubic = key_weighted_cubic(m, weight)
    # G^-1 : C_a = (d + 2)/(6 w) dw for C_a the symmetric part of dw (x) g/2
    h = m.embedding[0]
    inverse = m.inverse_metric_expression
    product = sum(inverse[i, j] * sp.diff(weight, m.symbols[i]) * sp.diff(h, m.symbols[j]) for i in range(m.dim) for j in range(m.dim))
    u = m._probe_points()
    measured, expected = m.function(cubic_term(weighted, cubic, h))(u), m.function((m.dim + 2) / (6 * weight**2) * product)(u)
    assert np.allclose(measured, expected)
    assert not np.allclose(measured, 1.1 * expected, atol=1e-3)


def test_the_line_of_thought_for_a_weighted_line():
    # f = w(y)(x-y)^2 on a uniform circle near one point: moments of exp(-w v^2/eps)(1 - w' v^3/eps) give the drift -3 w'/w^2
    m = manifold("circle")
    p = density(m)
    weighted = with_metric(m, m.expression("w", "exp(0.3*x1)") * m.metric_expression)
    w = m.expression("w", "exp(0.3*x1)")
    h = m.embedding[1]
    limit = generator(relative_density(p, weighted), h) - 3 * cubic_term(weighted, key_weighted_cubic(m, w), h)
    t = m.symbols[0]
    direct = sp.diff(h, t, 2) / w - 3 * sp.diff(w, t) / w**2 * sp.diff(h, t)
    u = m._probe_points()
    assert np.allclose(m.function(limit)(u), m.function(direct)(u))

    def f(x, y):
        return ((x[0] - y[0]) ** 2 + (x[1] - y[1]) ** 2) * np.exp(0.3 * y[0])

    keys, x = quadrature_tokens(p, 800), m.embed(u[:3])
    levels = [(AttentionOperator(x, user_function(f), 4 * tau, keys=keys) @ keys.points - x) / tau for tau in (2e-3, 1e-3)]
    measured = (2 * levels[1] - levels[0])[:, 1]
    assert np.allclose(measured, m.function(limit)(u[:3]), atol=2e-3)
    assert not np.allclose(measured, m.function(generator(relative_density(p, weighted), h))(u[:3]), atol=0.05)


def test_random_matrices_have_the_asked_rank():
    rng = np.random.default_rng(2)
    for rank, dim in ((2, 2), (3, 3), (2, 3)):
        w = random_matrix(rng, rank, dim)
        assert w.shape == (rank, dim) and np.linalg.matrix_rank(w) == rank
    assert not np.allclose(random_matrix(rng, 2, 2), random_matrix(rng, 2, 2))


def test_names_of_two_ellipses_differ():
    assert short_names(("ellipse(a=1.5)", "torus", "(cos(u), sin(u))")) == ["ellipse", "torus", "space curve"]
    assert short_names(("ellipse(a=1.5)", "ellipse(a=2)")) == ["ellipse(a=1.5)", "ellipse(a=2)"]


def test_bad_parameters_are_named():
    with pytest.raises(InputError, match="ranks: got 1 for 3 manifolds"):
        Parameters(ranks=(2,))
    with pytest.raises(InputError, match="temperature: got -1"):
        Parameters(temperature=-1.0)
