"""The heat equation under a new metric: identities of the operators, how d = 2 fails, and the lift."""

import numpy as np
import pytest

from simulations.attention import AttentionOperator
from simulations.tokens.lift import FACTORS, lift_definition, lift_score, lifted_points
from simulations.tokens.sampling import iid_tokens
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.heat import (
    conformal_exponent,
    conformal_laplacian,
    conformal_operator,
    conformal_residual,
    lifted_laplacian,
    lifted_operator,
    surface_features,
)
from theory.limits import generator, laplacian
from theory.setting.manifolds import circle, ellipse, flat_torus, manifold, sphere, sphere3, times_circle
from theory.pde import Grid, drift_diffusion_operator
from theory.setting.quadrature import chart_quadrature

CASES = [(ellipse(), "exp(x/3 + y/4)"), (circle(), "exp(x/2)"), (flat_torus(3), "exp(x1/2 + x4/3)"), (sphere3(), "exp(x1/2 + x4/4)")]


def points(m):
    return chart_quadrature(m, 5)[0]


def relative(first, second):
    return np.abs(first - second).max() / np.abs(first).max()


@pytest.mark.parametrize(("m", "formula"), CASES, ids=lambda v: getattr(v, "name", ""))
def test_generator_is_a_heat_operator_of_the_conformal_metric(m, formula):
    p, u, h, a = density(m, formula), points(m), m.embedding[0], conformal_exponent(m.dim)
    limit = m.function(generator(p, h))(u)

    def heat(exponent, capacity):
        return m.function(conformal_laplacian(p, h, exponent))(u) * (p(u)) ** -capacity

    assert relative(limit, heat(a, -a)) < 1e-10
    for wrong in ((1.1 * a, -1.1 * a), (a / 2, -a / 2)):
        assert relative(limit, heat(*wrong)) > 1e-2


def test_two_dimensions_have_no_exponent():
    with pytest.raises(InputError, match="d = 2"):
        conformal_exponent(2)


@pytest.mark.parametrize(("m", "formula"), [CASES[1], CASES[2]], ids=lambda v: getattr(v, "name", ""))
def test_both_finite_volume_operators_agree(m, formula):
    p, grid = density(m, formula), Grid(m, (16,) * m.dim)
    drift, heat = drift_diffusion_operator(grid, p).matrix, conformal_operator(grid, p).matrix
    assert abs(drift - heat).max() < 1e-11 * abs(drift).max()
    unit = conformal_operator(grid, p, capacity_exponent=0.0).matrix
    assert abs(drift - unit).max() > 1e-2 * abs(drift).max()


@pytest.mark.parametrize(("m", "formula"), [(flat_torus(2), "exp(x1/2 + x4/3)"), (sphere(), "exp(x/2 + z/4)")], ids=lambda v: getattr(v, "name", ""))
def test_share_out_of_reach_by_brute_force(m, formula):
    p, (features, q) = density(m, formula), surface_features(m)
    u, w = chart_quadrature(m, 40)
    weights = w * p(u)
    limit, plain = (np.stack([m.function(operator(h))(u) for h in features], axis=1) for operator in (lambda h: generator(p, h), lambda h: laplacian(m, h)))
    assert np.allclose((plain**2).sum(axis=1), q)
    best = (limit * plain).sum(axis=1) / (plain**2).sum(axis=1)
    share = (weights @ ((limit - best[:, None] * plain) ** 2)).sum() / (weights @ limit**2).sum()
    assert share == pytest.approx(conformal_residual(p), rel=1e-10)
    assert np.allclose(best, 1.0)
    # another factor is worse
    assert (weights @ ((limit - 1.1 * best[:, None] * plain) ** 2)).sum() / (weights @ limit**2).sum() > share + 1e-3


def test_only_known_surfaces():
    with pytest.raises(InputError, match="torus"):
        surface_features(manifold("torus"))
    with pytest.raises(InputError, match="sphere"):
        surface_features(sphere(radius=2.0))


@pytest.mark.parametrize(("m", "formula"), [(flat_torus(2), "exp(x1/2 + x4/3)"), (sphere(), "exp(x/2 + z/4)")], ids=lambda v: getattr(v, "name", ""))
def test_lift_has_the_generator_as_its_laplacian(m, formula):
    p, u, h = density(m, formula), points(m), m.embedding[0]
    limit = m.function(generator(p, h))(u)
    assert relative(limit, m.function(lifted_laplacian(p, h))(u)) < 1e-10
    assert relative(limit, m.function(lifted_laplacian(p, h, 2))(u)) > 1e-2


@pytest.mark.parametrize("m", [flat_torus(2), sphere()], ids=lambda m: m.name)
def test_lifted_finite_volumes_act_like_drift_diffusion(m):
    p, base, raised = density(m, "exp(x1/2)"), Grid(m, (16, 16)), Grid(times_circle(m), (16, 16, 4))
    h = base.sample(m.function(m.embedding[0] + m.embedding[-1] / 2))
    flat = drift_diffusion_operator(base, p).matrix @ h
    assert relative(flat, (lifted_operator(raised, p).matrix @ np.repeat(h, 4))[::4]) < 1e-10
    assert relative(flat, (lifted_operator(raised, p, 2.0).matrix @ np.repeat(h, 4))[::4]) > 1e-2
    for other in (base, Grid(times_circle(circle()), (16, 16))):
        with pytest.raises(InputError, match="axes"):
            lifted_operator(other, p)


@pytest.fixture
def lifted():
    rng, m = np.random.default_rng(4), sphere()
    p = density(m, "exp(x/2)")
    tokens = iid_tokens(p, 60, rng)
    return lifted_points(tokens.points, 1 + p(tokens.coordinates) * 5, 2 * np.pi * rng.random(60)), rng.standard_normal((60, 2))


@pytest.mark.parametrize("factor", FACTORS)
def test_scores_of_the_lift_are_what_they_say(lifted, factor):
    z, h = lifted
    x, rho = z[:, :3], z[:, -1]
    s = np.arctan2(z[:, 4], z[:, 3])
    w = {"product": np.outer(rho, rho), "query": rho[:, None] ** 2, "key": rho**2, "embedding": np.outer(rho, rho)}[factor]
    f = ((x[:, None] - x) ** 2).sum(axis=2) + w * 2 * (1 - np.cos(s[:, None] - s))
    if factor == "embedding":
        f = f + (rho[:, None] - rho) ** 2
    a = np.exp(-f / 0.7)
    expected = a / a.sum(axis=1, keepdims=True) @ h
    assert np.allclose(AttentionOperator(z, lift_score(3, factor), 0.7) @ h, expected, rtol=0, atol=1e-12)
    right = AttentionOperator(z, lift_definition(), 0.7) @ h
    assert (np.abs(right - expected).max() < 1e-12) == (factor == "product")


def test_lifted_points_are_checked():
    with pytest.raises(InputError, match="rho"):
        lifted_points(np.zeros((2, 3)), [1.0, 0.0], [0.0, 1.0])
    with pytest.raises(InputError, match="factor"):
        lift_score(3, "both")
