"""The limit as a heat equation under another metric: against definitions written out here."""

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad
from scipy.linalg import expm

from theory.heat import (
    conformal_exponent,
    conformal_family,
    conformal_operator,
    conformal_solution,
    lifted_operator,
    lifted_profile,
    lifted_solution,
    new_lengths,
    tangential_share,
    wrapped,
)
from theory.pde import Grid, drift_diffusion_operator
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.geometry import gradient_product, laplacian
from theory.setting.manifolds import (
    circle,
    ellipse,
    flat_torus,
    manifold,
    sphere,
    sphere3,
    times_circle,
)
from theory.setting.quadrature import chart_quadrature

CASES = [
    (ellipse(), "exp(x/3 + y/4)"),
    (circle(), "exp(x/2)"),
    (flat_torus(3), "exp(x1/2 + x4/3)"),
    (sphere3(), "exp(x1/2 + x4/4)"),
]
SURFACES = [(flat_torus(2), "exp(x1/2 + x4/3)"), (sphere(), "exp(x/2 + z/4)")]
TORUS = (manifold("torus"), "exp(x/6 + z/3)")


def name_of(value):
    return getattr(value, "name", "")


def points(m):
    return chart_quadrature(m, 5)[0]


def relative(first, second):
    return np.abs(first - second).max() / np.abs(first).max()


def generator(p, h):
    """L H = Laplacian_g H + 2 <grad log p, grad H>_g, an expression."""
    m = p.manifold
    return laplacian(m, h) + 2 * gradient_product(m, p.log_expression, h)


def laplacian_of(symbols, metric, h):
    """(det g)^(-1/2) d_a ((det g)^(1/2) g^ab d_b H) of any metric, an expression."""
    metric = sp.Matrix(metric)
    root, inverse, n = sp.sqrt(metric.det()), metric.inv(), len(symbols)
    flux = [root * sum(inverse[a, b] * sp.diff(h, symbols[b]) for b in range(n)) for a in range(n)]
    return sum(sp.diff(flux[a], symbols[a]) for a in range(n)) / root


@pytest.mark.parametrize(("m", "formula"), CASES, ids=name_of)
def test_generator_is_a_heat_operator_of_the_conformal_metric(m, formula):
    p, u, h, a = density(m, formula), points(m), m.embedding[0], conformal_exponent(m.dim)
    limit = m.function(generator(p, h))(u)

    def heat(exponent):
        e = sp.nsimplify(exponent)
        metric = p.expression**e * sp.Matrix(m.metric_expression)
        return m.function(p.expression**e * laplacian_of(m.symbols, metric, h))(u)

    assert relative(limit, heat(a)) < 1e-10
    assert relative(limit, heat(1.1 * a)) > 1e-2
    assert relative(limit, heat(a / 2)) > 1e-2


@pytest.mark.parametrize(("m", "formula"), CASES, ids=name_of)
@pytest.mark.parametrize(("a", "capacity"), [(-3, 1), (2, 0), (0, 0)])
def test_the_family_is_what_its_metric_says(m, formula, a, capacity):
    p, u, h = density(m, formula), points(m), m.embedding[0]
    metric = p.expression**a * sp.Matrix(m.metric_expression)
    expected = m.function(p.expression ** (-capacity) * laplacian_of(m.symbols, metric, h))(u)
    found = conformal_family(p, [h])((a, capacity, 1.0), u)[:, 0]
    # the unit of p is a factor, the same all over M
    unit = found @ expected / (expected @ expected)
    assert unit > 0
    assert relative(unit * expected, found) < 1e-9


def test_two_dimensions_have_no_exponent():
    with pytest.raises(InputError, match="d = 2"):
        conformal_exponent(2)


@pytest.mark.parametrize(("m", "formula"), [CASES[1], CASES[2]], ids=name_of)
def test_both_finite_volume_operators_agree(m, formula):
    p, grid = density(m, formula), Grid(m, (16,) * m.dim)
    drift, heat = drift_diffusion_operator(grid, p).matrix, conformal_operator(grid, p).matrix
    assert abs(drift - heat).max() < 1e-11 * abs(drift).max()
    unit = conformal_operator(grid, p, capacity_exponent=0.0).matrix
    assert abs(drift - unit).max() > 1e-2 * abs(drift).max()


def fourier_generator(p, n, drift):
    """d^2/dt^2 + c (log p)' d/dt on n equispaced nodes of the circle, n odd: (n, n)."""
    t = 2 * np.pi * np.arange(n) / n
    waves = np.fft.fftfreq(n, 1 / n)
    modes = np.exp(1j * np.outer(t, waves))
    first = (modes * (1j * waves)) @ modes.conj().T / n
    second = (modes * -(waves**2)) @ modes.conj().T / n
    slope = p.log_gradient(t[:, None])[:, 0]
    return t, (second + drift * slope[:, None] * first).real


@pytest.mark.parametrize(("drift", "exponent"), [(2.0, -4.0), (1.0, -2.0)])
def test_the_solution_under_the_new_metric_by_fourier_modes(drift, exponent):
    m = circle()
    p, h = density(m, "exp(x/2 + y/4)"), m.embedding[0] + m.embedding[1] / 2
    t, matrix = fourier_generator(p, 41, drift)
    expected = expm(0.24 * matrix) @ m.function(h)(t[:, None])
    found = conformal_solution(p, h, 0.24, exponent, -exponent)(t[:, None])
    assert np.abs(found[:, 0] - expected).max() < 1e-6


@pytest.mark.parametrize(("drift", "exponent"), [(2.0, 4.0), (1.0, 2.0), (0.0, 0.0)])
def test_the_solution_on_the_lift_by_fourier_modes(drift, exponent):
    m = circle()
    p, h = density(m, "exp(x/2 + y/4)"), m.embedding[0] + m.embedding[1] / 2
    t, matrix = fourier_generator(p, 41, drift)
    expected = expm(0.24 * matrix) @ m.function(h)(t[:, None])
    found = lifted_solution(p, h, 0.24, exponent)(t[:, None])
    assert np.abs(found[:, 0] - expected).max() < 1e-6


@pytest.mark.parametrize(("m", "formula"), [*SURFACES, TORUS], ids=name_of)
def test_share_out_of_reach_by_brute_force(m, formula):
    p = density(m, formula)
    u, w = chart_quadrature(m, 40)
    weights = w * p(u)
    limit, plain = (
        np.stack([m.function(operator(h))(u) for h in m.embedding], axis=1)
        for operator in (lambda h: generator(p, h), lambda h: laplacian(m, h))
    )
    best = (limit * plain).sum(axis=1) / (plain**2).sum(axis=1)

    def share(factor):
        left = weights @ ((limit - factor[:, None] * plain) ** 2)
        return left.sum() / (weights @ limit**2).sum()

    assert np.allclose(best, 1.0)
    assert share(best) == pytest.approx(tangential_share(p), rel=1e-9)
    # every other factor is worse
    assert share(1.1 * best) > share(best) + 1e-3
    assert share(best + 0.1 * np.cos(u[:, 0])) > share(best) + 1e-3


@pytest.mark.parametrize(("m", "formula"), SURFACES, ids=name_of)
def test_lift_has_the_generator_as_its_laplacian(m, formula):
    p, u, h = density(m, formula), points(m), m.embedding[0]
    limit, s = m.function(generator(p, h))(u), sp.Symbol("s")

    def lifted(exponent):
        metric = sp.diag(sp.Matrix(m.metric_expression), p.expression**exponent)
        return m.function(laplacian_of((*m.symbols, s), metric, h))(u)

    assert relative(limit, lifted(4)) < 1e-10
    assert relative(limit, lifted(2)) > 1e-2


@pytest.mark.parametrize("m", [flat_torus(2), sphere()], ids=name_of)
def test_lifted_finite_volumes_act_like_drift_diffusion(m):
    p = density(m, "exp(x1/2)")
    base, raised = Grid(m, (16, 16)), Grid(times_circle(m), (16, 16, 4))
    h = base.sample(m.function(m.embedding[0] + m.embedding[-1] / 2))
    flat = drift_diffusion_operator(base, p).matrix @ h

    def lifted(exponent):
        return (lifted_operator(raised, p, exponent).matrix @ np.repeat(h, 4))[::4]

    assert relative(flat, lifted(4.0)) < 1e-10
    assert relative(flat, lifted(2.0)) > 1e-2


def test_a_lift_needs_the_axes_of_its_base():
    m = flat_torus(2)
    p = density(m, "exp(x1/2)")
    for other in (Grid(m, (16, 16)), Grid(times_circle(circle()), (16, 16))):
        with pytest.raises(InputError, match="axes"):
            lifted_operator(other, p)


def test_new_lengths_are_integrals_of_p_to_the_minus_two():
    p = density(manifold("ellipse(a=1.5)"), "exp(x/2 + y/4)")
    m, t = p.manifold, np.array([0.0, 1.0, 2.5, 2 * np.pi])
    # gbar = p^-4 g in d = 1, so its length is that of g over p^2
    total, whole = (
        [quad(lambda s, k=k: (p(np.array([[s]])) ** k * m.volume(np.array([[s]])))[0], 0, end)[0]
         for end in t]
        for k in (-2, 0)
    )  # fmt: skip
    assert np.allclose(new_lengths(p, t), np.array(total) / total[-1] * whole[-1], rtol=1e-5)
    assert np.allclose(new_lengths(p, t, 0.0), whole, rtol=1e-5)
    with pytest.raises(InputError, match="closed curve"):
        new_lengths(density(sphere()), t)


def test_the_drawn_surface_has_the_metric_of_the_lift():
    p = density(manifold("ellipse(a=1.5)"), "exp(x/2 + y/4)")
    t = 1.3 + np.linspace(0, 2 * np.pi, 2001)
    u = wrapped(p.manifold, t)
    height, radius = lifted_profile(p, t)
    steps = np.hypot(np.diff(height), np.diff(radius))
    middle = wrapped(p.manifold, (t[1:] + t[:-1]) / 2)
    assert np.allclose(steps, p.manifold.volume(middle) * np.diff(t), rtol=1e-4)
    # the square of the radius is p^4, up to the unit of s
    ratio = radius / p(u) ** 2
    assert np.allclose(ratio, ratio[0], rtol=1e-5)
    assert np.max(np.abs(np.diff(radius)) / steps) == pytest.approx(0.9, abs=0.01)
    with pytest.raises(InputError, match="closed curve"):
        lifted_profile(density(sphere()), t)
