"""Clocks beyond the leading power, and the nodes that resolve a kink: known values, and twins that must fail."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.attention import AttentionOperator
from simulations.experiments.settings import GAUSSIAN, nodes_for, reference_density
from simulations.experiments.universality import Parameters
from simulations.experiments.universality_scores import score
from simulations.tokens.sampling import iid_tokens, quadrature_tokens
from simulations.tokens.star import attend_basis, iterate_basis, smooth_basis, star_tokens
from theory.setting.checks import InputError
from theory.clocks import chord_constant, clock_error, moment_clock, next_term, next_term_constant, sample_clock
from theory.setting.densities import density
from theory.limits import clock, finite_sample_clock
from theory.setting.manifolds import manifold
from theory.setting.pseudo_metrics import PowerLaw, geodesic_sphere, transformed_distance


def test_known_constants_of_the_next_term():
    assert [next_term_constant(2.0, d, 1.0) for d in (1, 2)] == pytest.approx([1.693, 1.994], abs=5e-4)
    assert [chord_constant(d) for d in (1, 2, 5)] == pytest.approx([1, 4 / 3, 7 / 3], rel=1e-12)
    assert next_term("r**2 + r**3") == (1.0, 1.0)
    assert next_term("3*r + r**2.5") == pytest.approx((1 / 3, 1.5))
    assert next_term("log(1 + r**2)") == (-0.5, 2.0)
    with pytest.raises(InputError, match="is a power of r"):
        next_term("2*r**3")


@pytest.mark.parametrize("formula", ["r**2 + r**3", "r - r**2/3 + r**3", "2*r**1.5 + r**2"])
@pytest.mark.parametrize("dim", [1, 2, 4])
def test_next_term_is_the_first_error_of_the_clock(formula, dim):
    law, (b, q) = transformed_distance(formula).power_law, next_term(formula)
    h = 1e-3
    error = clock_error(formula, dim, law.coefficient * h**law.exponent) / h**q
    predicted = -b * next_term_constant(law.exponent, dim, q)
    assert error == pytest.approx(predicted, rel=0.05)
    assert error != pytest.approx(1.1 * predicted, rel=0.05)


def test_moment_clock_of_a_pure_power_is_the_leading_clock():
    assert moment_clock("3*r**1.5", 2, 0.02) == pytest.approx(clock(PowerLaw(3, 1.5), 2, 0.02), rel=1e-10)
    assert abs(moment_clock("r**2 + r**3", 2, 0.02) / clock(PowerLaw(1, 2), 2, 0.02) - 1) > 0.1
    with pytest.raises(InputError, match="expected a phi that grows"):
        moment_clock("1 - exp(-r**2)", 1, 0.02)


def test_sample_clock_of_the_gaussian_kernel_is_the_known_one():
    p, u = reference_density("sphere"), np.array([[0.7, 0.3], [2.0, 4.0]])
    known = finite_sample_clock(p, u, 0.02, 500)
    assert sample_clock(p, GAUSSIAN.power_law, u, 0.02, 500) == pytest.approx(known, rel=1e-12)
    assert np.abs(sample_clock(p, PowerLaw(1, 1), u, 0.1, 500) - known).min() > 1e-3


def test_sample_clock_of_a_sharp_kernel_is_met_by_samples():
    p, eps, n, f = density(manifold("circle")), 0.05, 400, transformed_distance("r")
    ratios = []
    for s in range(300):
        tokens = iid_tokens(p, n, np.random.default_rng([1, s]))
        x = tokens.points
        ratios.append((1 - (x * (AttentionOperator(tokens, f, eps) @ x)).sum(axis=1)).mean())
    nodes = star_tokens(p, np.array([0.3]))
    exact = 1 - float((AttentionOperator(np.array([[np.cos(0.3), np.sin(0.3)]]), f, eps, keys=nodes) @ nodes.points)[0] @ [np.cos(0.3), np.sin(0.3)])
    measured, half = np.mean(ratios) / exact, 3.3 * np.std(ratios) / exact / np.sqrt(300)
    predicted = sample_clock(p, f.power_law, np.array([[0.3]]), eps, n)[0]
    assert abs(measured - predicted) < half + (1 - predicted) ** 2
    assert abs(measured - 1) > half + (1 - predicted) ** 2


@pytest.mark.parametrize("spec", ["circle", "sphere"])
def test_star_nodes_integrate_like_the_shared_ones(spec):
    p = reference_density(spec)
    u = np.array([0.9, 5.1][: p.manifold.dim])
    star, shared = star_tokens(p, u), quadrature_tokens(p, nodes_for(p.manifold, 0.05))
    query = p.manifold.embed(u[None])
    for f in (GAUSSIAN, geodesic_sphere("r**2/4")):
        values = [AttentionOperator(query, f, 0.05, keys=t) @ t.points for t in (star, shared)]
        assert np.abs(values[0] - values[1]).max() < 1e-10


def test_a_kink_needs_nodes_of_its_own():
    # shared nodes of spacing h slow the clock of phi = r by (h/eps)^2/12, a star does not
    p, eps, u = density(manifold("circle")), 0.05, np.array([0.0])
    query, f = p.manifold.embed(u[None]), geodesic_sphere("r")
    exact = (eps**2 * 2) / 2

    def measured(tokens):
        angle = np.arctan2(tokens.points[:, 1], tokens.points[:, 0])
        return (AttentionOperator(query, f, eps, keys=tokens) @ angle**2)[0] / 2

    assert measured(star_tokens(p, u)) == pytest.approx(exact, rel=1e-10)
    spacing = 2 * np.pi / 300
    grid = np.arange(300) * spacing
    on_grid = (AttentionOperator(query, f, eps, keys=np.stack([np.cos(grid), np.sin(grid)], 1)) @ np.minimum(grid, 2 * np.pi - grid) ** 2)[0] / 2
    assert on_grid / exact - 1 == pytest.approx(-((spacing / eps) ** 2) / 12, rel=0.1)


@pytest.mark.parametrize("spec", ["circle", "sphere"])
def test_iterates_in_the_basis_are_those_on_tokens(spec):
    p, eps, steps = reference_density(spec), 0.05, 4
    m, basis = p.manifold, smooth_basis(p.manifold, 6)
    gram = basis(basis.nodes).T @ (basis.weights[:, None] * basis(basis.nodes))
    assert np.abs(gram - np.eye(len(gram))).max() < 1e-12
    tokens = quadrature_tokens(p, nodes_for(m, eps))
    operator, h = AttentionOperator(tokens, GAUSSIAN, eps), m.function("x1*x2 + x1")(tokens.coordinates)
    for _ in range(steps - 1):
        h = operator @ h
    direct = AttentionOperator(m.embed(basis.nodes), GAUSSIAN, eps, keys=tokens) @ h
    attended = attend_basis(p, basis, [(GAUSSIAN, eps), (GAUSSIAN, 1.1 * eps)])
    start = m.function("x1*x2 + x1")(basis.nodes)[:, None]
    right, wrong = (iterate_basis(basis, a, start, steps)[:, 0] for a in attended)
    assert np.abs(right - direct).max() < 1e-5
    assert np.abs(wrong - direct).max() > 1e-3


def test_bad_input_is_named():
    assert score("geodesic(r)").power_law == PowerLaw(1.0, 1.0)
    with pytest.raises(InputError, match="manifold: got 'torus'"):
        Parameters(manifolds=("torus",))
    with pytest.raises(InputError, match="expected a formula in r"):
        Parameters(scores=("r**2", "1"))
    with pytest.raises(InputError, match="expected two or more"):
        Parameters(scores=("r",))
    with pytest.raises(InputError, match="of radius 2, expected radius 1"):
        smooth_basis(manifold("circle(radius=2)"), 4)
