"""Clock and generator: known values off the defaults, and twins with a wrong constant."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad

from theory.clocks import clock, temperature_for
from theory.limits import circle_bias, flat_bias, generator
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.geometry import generator_terms, laplacian
from theory.setting.manifolds import manifold
from theory.setting.pseudo_metrics import PowerLaw
from theory.setting.quadrature import chart_quadrature


@pytest.mark.parametrize("dim", [1, 2, 3, 5])
@pytest.mark.parametrize(("c", "a"), [(0.25, 2.0), (1.0, 1.0), (0.7, 1.5), (2.0, 3.0)])
def test_clock_is_half_the_second_moment_of_the_kernel(dim, c, a):
    eps = 0.03
    moment = [
        quad(lambda r, k=k: r**k * np.exp(-c * r**a / eps), 0, np.inf)[0]
        for k in (dim + 1, dim - 1)
    ]
    expected = moment[0] / moment[1] / (2 * dim)
    assert clock(PowerLaw(c, a), dim, eps) == pytest.approx(expected, rel=1e-5)
    assert abs(clock(PowerLaw(1.1 * c, a), dim, eps) / expected - 1) > 0.05
    tau = clock(PowerLaw(c, a), dim, eps)
    assert temperature_for(PowerLaw(c, a), dim, tau) == pytest.approx(eps, rel=1e-12)


def test_clock_of_the_gaussian_kernel_is_the_temperature():
    assert clock(PowerLaw(0.25, 2.0), 3, 0.02) == pytest.approx(0.02, rel=1e-14)
    assert clock(PowerLaw(1.0, 1.0), 2, 0.1) == pytest.approx(3 * 0.01 / 2, rel=1e-14)


@pytest.mark.parametrize(
    ("spec", "formula", "eigenvalue"),
    [
        ("circle(radius=2)", "cos(3*t)", 9 / 4),
        ("sphere(radius=2)", "z*x", 6 / 4),
        ("sphere3", "x1*x3", 8.0),
        ("flat_torus(dim=3)", "cos(u1)*sin(2*u3)", 5.0),
    ],
)
def test_laplacian_of_eigenfunctions(spec, formula, eigenvalue):
    m = manifold(spec)
    u = m._probe_points()
    h, lap = m.function(formula)(u), m.function(laplacian(m, formula))(u)
    assert np.allclose(lap, -eigenvalue * h, atol=1e-10)
    assert not np.allclose(lap, -1.1 * eigenvalue * h, atol=1e-3)


@pytest.mark.parametrize("spec", ["ellipse(a=3, b=1)", "torus", "sphere(radius=1.5)"])
def test_generator_is_symmetric_in_the_squared_density(spec):
    m = manifold(spec)
    p = density(m, "exp(x/3 + y/5)")
    u, w = chart_quadrature(m, 160, p.support)
    h, k = m.function("x*y")(u), m.function("sin(x) + y")(u)

    def asymmetry(drift):
        lh, lk = (m.function(generator(p, f, drift))(u) for f in ("x*y", "sin(x) + y"))
        return abs((w * p(u) ** 2) @ (k * lh - h * lk))

    assert asymmetry(2.0) < 1e-10
    assert asymmetry(2.2) > 1e-5


def test_terms_add_up_to_the_generator():
    m = manifold("torus")
    p = density(m, "1 + cos(u)/2")
    u = m._probe_points()
    lap, drift = generator_terms(p, ["x", "y*z"])(u)
    assert np.allclose(lap[:, 1] + 2 * drift[:, 1], m.function(generator(p, "y*z"))(u))


@pytest.mark.parametrize(("term", "arc"), [(circle_bias, False), (flat_bias, True)])
def test_bias_against_the_expansion_of_the_exact_kernel(term, arc):
    """At eps and eps/2, so that what is left is of order eps^2."""
    p = density(manifold("circle"), "exp(cos(t)/2)")
    m, t0, formula = p.manifold, 0.7, "sin(2*t) + cos(t)"
    y = np.linspace(0, 2 * np.pi, 4001)[:-1]
    away = np.remainder(y - t0 + np.pi, 2 * np.pi) - np.pi
    squared = away**2 if arc else (2 * np.sin(away / 2)) ** 2
    h, u0 = m.function(formula)(y[:, None]), np.array([[t0]])

    def bias(eps):
        weight = np.exp(-squared / (4 * eps) + np.cos(y) / 2)
        rate = (weight @ h / weight.sum() - m.function(formula)(u0)[0]) / eps
        return (rate - m.function(generator(p, formula))(u0)[0]) / eps

    measured = 2 * bias(5e-4) - bias(1e-3)
    predicted = m.function(term(p, formula))(u0)[0]
    assert measured == pytest.approx(predicted, rel=1e-4)


def test_bad_input_is_named():
    with pytest.raises(InputError, match="temperature: got -1"):
        clock(PowerLaw(1, 2), 1, -1.0)
    with pytest.raises(InputError, match="dim: got 0"):
        clock(PowerLaw(1, 2), 0, 1.0)
    with pytest.raises(InputError, match="drift_coefficient: got nan"):
        generator(density(manifold("circle")), "x", float("nan"))
    with pytest.raises(InputError, match="expected circle"):
        circle_bias(density(manifold("ellipse")), "x")
    assert circle_bias(density(manifold("circle")), sp.Integer(1)) == 0
