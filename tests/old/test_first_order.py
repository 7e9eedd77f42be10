"""First-order analysis: the force of a score, window nodes, the transport map and its correction, high temperature."""

import numpy as np
import pytest
import sympy as sp

from simulations.attention import AttentionOperator
from simulations.tokens.sampling import quadrature_tokens
from simulations.tokens.window import window_tokens
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.first_order import (
    Transport,
    high_temperature,
    matrix_force,
    score_force,
    sphere_correction,
    sphere_transport,
    symmetric_and_rotation,
)
from theory.setting.manifolds import circle, ellipse, flat_torus, sphere, torus
from theory.setting.scores import bilinear, score

W = np.array([[1.0, 0.4, -0.2], [0.1, 1.3, 0.3], [0.5, -0.1, 0.9]])


def test_force_of_a_score_is_minus_its_slope_in_the_key():
    m, f, u, step = ellipse(), score("sin(y1 - 2*x2) + x1*y2**2", 2), 0.7, 1e-6
    exact = float(score_force(m, f, 2.0)[0].subs(m.symbols[0], u))
    x = m.embed(np.array([[u], [u + step], [u - step]]))
    value = lambda k: f.pseudo_metric(x[:1], x[k : k + 1])[0, 0]  # noqa: E731
    assert exact == pytest.approx(-(value(1) - value(2)) / (2 * step) / 2.0, rel=1e-8)
    # the slope in the query is another one
    query = -(f.pseudo_metric(x[1:2], x[:1])[0, 0] - f.pseudo_metric(x[2:], x[:1])[0, 0]) / (2 * step) / 2.0
    assert abs(exact - query) > 1e-2


def test_matrix_splits_into_a_gradient_and_a_rotation():
    m = sphere()
    s, k = symmetric_and_rotation(W)
    assert np.allclose(s + k, W) and np.allclose(s, s.T) and np.allclose(k, -k.T)
    x = sp.Matrix(m.embedding)
    potential = (x.T * sp.Matrix(s) * x)[0] / 2
    for gradient, force in zip([sp.diff(potential, v) for v in m.symbols], matrix_force(m, s), strict=True):
        assert sp.lambdify(m.symbols, gradient - force)(0.8, 2.1) == pytest.approx(0.0, abs=1e-12)
    # the rotation moves along -K x
    turning = sp.lambdify(m.symbols, matrix_force(m, k))(0.8, 2.1)
    there, jacobian = m.embed(np.array([[0.8, 2.1]]))[0], m.jacobian(np.array([[0.8, 2.1]]))[0]
    assert np.allclose(turning, (-k @ there) @ jacobian)
    assert not np.allclose(turning, (k @ there) @ jacobian)


def test_window_nodes_have_the_moments_of_the_window():
    m, radius = flat_torus(1), 0.4
    (tokens,) = window_tokens(density(m), np.array([[1.0]]), radius)
    arc = 2 * np.arcsin(radius / 2)
    offset = tokens.coordinates[:, 0] - 1.0
    assert tokens.weights.sum() == pytest.approx(1.0)
    assert tokens.weights @ offset**2 == pytest.approx(arc**2 / 3, rel=1e-12)
    assert abs(tokens.weights @ offset**2 - radius**2 / 3) > 1e-4
    (cap,) = window_tokens(density(sphere(), "exp(z)"), np.array([[1.3, 2.0]]), radius)
    assert np.linalg.norm(cap.points - sphere().embed(np.array([[1.3, 2.0]])), axis=1).max() <= radius + 1e-12


def test_windows_that_do_not_fit_are_refused():
    for near_the_pole in (0.1, 0.4):
        with pytest.raises(InputError, match="smaller"):
            next(window_tokens(density(sphere()), np.array([[near_the_pole, 0.0]]), 0.5))
    with pytest.raises(InputError, match="radius"):
        next(window_tokens(density(circle()), np.array([[0.1]]), 2.5))


def test_correction_of_the_transport_map_by_brute_force():
    m = torus()
    p, f = density(m, "exp(x/6 + z/3)"), score("-2*y1 - (2*x1*y1 + 3*x2*y3 - 2*x3*y2 + x2*y2)/6", 3)
    u, transport = np.array([[0.4, 1.0], [2.0, 4.0]]), Transport(p, f)
    v = transport.minimisers(u)
    h = m.function("x*z + sin(y)")
    right, mixed = (transport.correction(u, v, ["x*z + sin(y)"], chart_volume=c)[:, 0] for c in (True, False))
    rest = []
    for eps in (0.02, 0.01):
        keys = quadrature_tokens(p, 220)
        rest.append((AttentionOperator(m.embed(u), f.pseudo_metric, eps, keys=keys) @ h(keys.coordinates) - h(v)) / eps)
    limit = 2 * rest[1] - rest[0]
    assert np.allclose(limit, right, atol=3e-3)
    assert np.abs(limit - mixed).max() > 2e-2


def test_transport_on_the_sphere_agrees_with_the_general_formula():
    p, x = density(sphere(), "exp(x/2 + z/2)"), np.array([[1.1, 0.5], [1.6, 2.0]])
    y, length = sphere_transport(W, sphere().embed(x))
    transport = Transport(p, bilinear(W))
    v = transport.minimisers(x)
    assert np.allclose(sphere().embed(v), y, atol=1e-9)
    general, closed = transport.correction(x, v, ["x*y", "z"]), sphere_correction(p, ["x*y", "z"], v, length)
    assert np.allclose(general, closed, atol=1e-9)
    assert not np.allclose(general, 2 * closed, atol=1e-3)


def test_degenerate_minima_and_singular_maps_are_refused():
    with pytest.raises(InputError, match="minimum"):
        Transport(density(circle()), score("0*y1 + x1", 2)).minimisers(np.array([[1.0]]))
    with pytest.raises(InputError, match="W"):
        sphere_transport(np.diag([1.0, 1.0, 0.0]), np.array([[0.0, 0.0, 1.0]]))


def test_high_temperature_series_term_by_term():
    rng = np.random.default_rng(3)
    f, h = rng.standard_normal((5, 40)), rng.standard_normal((40, 2))

    def attend(t):
        w = np.exp(-f / t)
        return w @ h / w.sum(axis=1, keepdims=True)

    for order in (0, 1, 2):
        coarse, fine = (np.abs(attend(t) - high_temperature(f, h, t, order)).max() for t in (200.0, 400.0))
        assert np.log2(coarse / fine) == pytest.approx(order + 1, abs=0.05)
    with pytest.raises(InputError, match="order"):
        high_temperature(f, h, 1.0, 3)


def test_scores_are_read_from_formulas_only():
    assert bilinear(W).pseudo_metric(np.eye(3), np.eye(3)) == pytest.approx(-W)
    for bad in ("x1 + z9", "__import__('os')", "(x1, y1)"):
        with pytest.raises(InputError):
            score(bad, 2)
    with pytest.raises(InputError, match="square"):
        bilinear(np.ones((2, 3)))
    with pytest.raises(InputError, match="R"):
        score("x1*y1", 2).in_chart(sphere())
