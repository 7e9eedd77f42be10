"""Nodes centred at each query resolve a kink, and a basis of smooth functions carries features."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import iv, sph_harm_y

from simulations.attention import AttentionOperator
from simulations.tokens import quadrature_tokens
from simulations.tokens.star import attend_basis, iterate_basis, smooth_basis, star_tokens
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import manifold
from theory.setting.nodes import nodes_for
from theory.setting.pseudo_metrics import GAUSSIAN, geodesic_sphere, transformed_distance
from theory.setting.references import reference_density


@pytest.mark.parametrize("spec", ["circle", "sphere"])
def test_star_nodes_integrate_like_the_shared_ones(spec):
    p = reference_density(spec)
    u = np.array([0.9, 5.1][: p.manifold.dim])
    star, shared = star_tokens(p, u, 0.4), quadrature_tokens(p, nodes_for(p.manifold, 0.05))
    query = p.manifold.embed(u[None])
    for f in (GAUSSIAN, geodesic_sphere("r**2/4")):
        values = [AttentionOperator(query, f, 0.05, keys=t) @ t.points for t in (star, shared)]
        assert np.abs(values[0] - values[1]).max() < 1e-10


@pytest.mark.parametrize(("formula", "moments"), [("r", (1, 2)), ("sqrt(r)", (2, 240))])
@pytest.mark.parametrize("h", [0.05, 1e-3])
def test_kinks_are_integrated_at_any_length(formula, moments, h):
    # int e^(-phi(r/h)) dr and int r^2 e^(-phi(r/h)) dr over the half line
    p, f = density(manifold("circle")), geodesic_sphere(formula)
    eps = h if formula == "r" else np.sqrt(h)
    star = star_tokens(p, np.array([0.0]), h)
    arcs = np.abs((star.coordinates[:, 0] + np.pi) % (2 * np.pi) - np.pi)
    mean = (AttentionOperator(np.array([[1.0, 0.0]]), f, eps, keys=star) @ arcs**2)[0]
    # what sqrt(r) leaves beyond the antipode is below its tail
    tolerance = 1e-7 if formula == "r" or h < 0.01 else 0.2
    assert mean == pytest.approx(moments[1] / moments[0] * h**2, rel=tolerance)


def test_shared_nodes_slow_the_clock_of_a_kink():
    eps, spacing = 0.05, 2 * np.pi / 300
    grid = np.arange(300) * spacing
    keys = np.stack([np.cos(grid), np.sin(grid)], axis=1)
    arcs = np.minimum(grid, 2 * np.pi - grid)
    step = AttentionOperator(keys[:1], geodesic_sphere("r"), eps, keys=keys) @ arcs**2
    assert step[0] / (2 * eps**2) - 1 == pytest.approx(-((spacing / eps) ** 2) / 12, rel=0.1)


def test_the_basis_of_the_sphere_is_that_of_scipy():
    basis = smooth_basis(manifold("sphere"), 5)
    u = np.random.default_rng(3).uniform(0.1, 3.0, (40, 2))
    found, degrees = basis(u), basis.degrees
    for n, order in ((0, 0), (3, 0), (4, 2), (5, 5)):
        y = sph_harm_y(n, order, u[:, 0], u[:, 1])
        parts = [y.real] if order == 0 else [np.sqrt(2) * y.real, np.sqrt(2) * y.imag]
        for part in parts:
            column = np.abs(found - part[:, None]).max(axis=0).argmin()
            assert np.abs(found[:, column] - part).max() < 1e-13
            assert degrees[column] == n


@pytest.mark.parametrize("spec", ["circle", "sphere"])
def test_iterates_in_the_basis_are_those_on_nodes(spec):
    p, eps, steps = reference_density(spec), 0.05, 4
    m, basis = p.manifold, smooth_basis(p.manifold, 6)
    gram = basis(basis.nodes).T @ (basis.weights[:, None] * basis(basis.nodes))
    assert np.abs(gram - np.eye(len(gram))).max() < 1e-12
    tokens = quadrature_tokens(p, nodes_for(m, eps))
    operator = AttentionOperator(tokens, GAUSSIAN, eps)
    h = m.function("x1*x2 + x1")(tokens.coordinates)
    for _ in range(steps - 1):
        h = operator @ h
    direct = AttentionOperator(m.embed(basis.nodes), GAUSSIAN, eps, keys=tokens) @ h
    attended = attend_basis(p, basis, [(GAUSSIAN, eps), (GAUSSIAN, 1.1 * eps)])
    start = m.function("x1*x2 + x1")(basis.nodes)[:, None]
    right, wrong = (iterate_basis(basis, a, start, steps)[:, 0] for a in attended)
    assert np.abs(right - direct).max() < 1e-5
    assert np.abs(wrong - direct).max() > 1e-3


def test_the_tail_tells_a_basis_that_is_too_small():
    m = manifold("circle")
    tails = []
    for degree in (4, 8):
        basis = smooth_basis(m, degree)
        tails.append(basis.tail(np.exp(2 * np.cos(basis.nodes))))
    # exp(2 cos t) has the coefficients 2 sqrt(pi) I_n(2)
    assert tails == pytest.approx(2 * np.sqrt(np.pi) * iv([4, 8], 2.0), rel=0.05)


def test_other_manifolds_are_refused():
    with pytest.raises(InputError, match="of radius 2, expected radius 1"):
        smooth_basis(manifold("circle(radius=2)"), 4)
    with pytest.raises(InputError, match="manifold: got 'torus'"):
        smooth_basis(manifold("torus"), 4)
    assert transformed_distance("r").power_law.exponent == 1
