"""The setting: closed-form metrics against the differentiated embedding, volumes, densities, and
what must be refused.
"""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.expressions import parse
from theory.setting.manifolds import (
    Axis,
    Manifold,
    capped_surface,
    closed_curve,
    closed_surface,
    manifold,
)
from theory.setting.quadrature import chart_quadrature

CLOSED_FORMS = (
    "circle(radius=1.7)",
    "ellipse(a=3, b=0.7)",
    "sphere(radius=1.3)",
    "sphere3(radius=0.8)",
    "torus(major=2.5, minor=0.6)",
    "flat_torus(dim=1)",
    "flat_torus(dim=2)",
    "flat_torus(dim=3)",
    "line",
    "interval(length=3)",
)


@pytest.mark.parametrize("spec", CLOSED_FORMS)
def test_closed_form_metric_is_that_of_the_embedding(spec):
    m = manifold(spec)
    derived = Manifold(m.name, m.axes, m.embedding)
    u = m._probe_points()
    assert np.allclose(m.metric(u), derived.metric(u), atol=1e-12)
    assert np.allclose(m.volume(u), derived.volume(u), atol=1e-12)
    assert np.allclose(m.inverse_metric(u) @ m.metric(u), np.eye(m.dim), atol=1e-12)
    assert not np.allclose(1.1 * m.metric(u), derived.metric(u), atol=1e-3)


@pytest.mark.parametrize("spec", CLOSED_FORMS)
def test_jacobian_is_the_derivative_of_the_embedding(spec):
    m = manifold(spec)
    u, h = m._probe_points(), 1e-6
    for k in range(m.dim):
        step = h * np.eye(m.dim)[k]
        assert np.allclose(
            m.jacobian(u)[:, :, k], (m.embed(u + step) - m.embed(u - step)) / (2 * h), atol=1e-8
        )


@pytest.mark.parametrize(
    ("spec", "volume"),
    [
        ("circle(radius=2)", 4 * np.pi),
        ("sphere(radius=2)", 16 * np.pi),
        ("sphere3(radius=2)", 16 * np.pi**2),
        ("torus(major=3, minor=1)", 12 * np.pi**2),
        ("flat_torus(dim=3)", (2 * np.pi) ** 3),
        ("interval(length=3)", 3.0),
        ("((3+cos(v))*cos(u), (3+cos(v))*sin(u), sin(v))", 12 * np.pi**2),
    ],
)
def test_total_volume(spec, volume):
    m = manifold(spec)
    _, w = chart_quadrature(m, 24)
    assert w.sum() == pytest.approx(volume, rel=1e-12)


def test_ellipse_has_its_known_length():
    from scipy.special import ellipe

    _, w = chart_quadrature(manifold("ellipse(a=2, b=1)"), 200)
    assert w.sum() == pytest.approx(8 * ellipe(0.75), rel=1e-12)


def test_users_manifolds():
    assert closed_curve("c", "(2*cos(u), sin(u))").dim == 1
    assert closed_surface("s", "((2+cos(v))*cos(u), (2+cos(v))*sin(u), sin(v))").dim == 2
    egg = capped_surface("egg", "(sin(theta)*cos(phi), sin(theta)*sin(phi), 2*cos(theta))")
    assert egg.closed and np.allclose(egg.metric(egg._probe_points())[:, 0, 1], 0, atol=1e-12)
    assert manifold(egg) is egg


@pytest.mark.parametrize(
    ("spec", "formula", "total"),
    [
        ("circle(radius=2)", "2 + cos(t)", 8 * np.pi),
        ("sphere", "exp(2*z) + x**2", 2 * np.pi * np.sinh(2) + 4 * np.pi / 3),
        ("sphere3", "1 + x1*x3", 2 * np.pi**2),
        ("line", "exp(-u**2/5)", np.sqrt(5 * np.pi)),
        ("torus", "4 + x", 32 * np.pi**2),
    ],
)
def test_densities_integrate_to_one_and_know_their_gradient(spec, formula, total):
    m = manifold(spec)
    p = density(m, formula)
    u, h = m._probe_points(), 1e-6
    assert np.allclose(p(u), m.function(formula)(u) / total, rtol=1e-10)
    steps = h * np.eye(m.dim)
    numeric = np.stack([np.log(p(u + s)) - np.log(p(u - s)) for s in steps], axis=1) / (2 * h)
    assert np.allclose(p.log_gradient(u), numeric, atol=1e-7)
    assert not np.allclose(1.01 * p.log_gradient(u), numeric, atol=1e-4)


def test_a_second_mode_beyond_a_gap_is_not_lost():
    p = density(manifold("line"), "exp(-u**2) + exp(-(u - 20)**2)")
    assert p.total == pytest.approx(2 * np.sqrt(np.pi), rel=1e-10)
    assert p.support[0][1] > 25


def test_uniform_density_is_one_over_volume():
    p = density(manifold("sphere(radius=2)"))
    assert p.is_uniform and np.allclose(p(np.array([[1.0, 2.0]])), 1 / (16 * np.pi))


def test_formulas_run_no_code():
    x = sp.Symbol("x")
    assert parse("f", "x**2 + pi", {"x": x}) == x**2 + sp.pi
    for text in (
        "__import__('os')",
        "x.real",
        "(lambda: 1)()",
        "[x]",
        "x if x else 1",
        "'a'",
        "True",
        "open('f')",
        "x; x",
        "",
    ):
        with pytest.raises(InputError):
            parse("f", text, {"x": x})


U = sp.Symbol("u", real=True)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: manifold("blob"), "manifold: got 'blob'"),
        (lambda: manifold("circle("), r"manifold: got 'circle\('"),
        (lambda: manifold("circle(size=2)"), "circle takes radius"),
        (lambda: manifold("circle(radius=2, radius=3)"), "radius twice"),
        (
            lambda: Manifold(
                "hypertorus",
                tuple(Axis(s, 0.0, 1.0) for s in sp.symbols("a b c d", real=True)),
                (sp.Integer(0),),
            ),
            "got 4 chart axes",
        ),
        (lambda: manifold("circle(radius=big)"), "radius='big'"),
        (lambda: manifold("circle(radius=-1)"), "radius: got -1"),
        (lambda: manifold("flat_torus(dim=4)"), "dim: got 4"),
        (lambda: manifold("torus(major=1, minor=2)"), "expected minor < major"),
        (lambda: manifold("(cos(u), u)"), "does not close up along u"),
        (lambda: manifold("(cos(u)**2, sin(u)**2)"), "expected an immersion"),
        (lambda: manifold("(cos(u), sin(q))"), "unknown name 'q'"),
        (lambda: closed_curve("c", "cos(u)"), "expected a tuple"),
        (
            lambda: closed_curve("eight", "(cos(u), sin(u)*cos(u))"),
            r"crosses itself at u = (1\.571 and 4\.712|4\.712 and 1\.571)",
        ),
        (lambda: closed_curve("twice", "(cos(2*u), sin(2*u))"), "crosses itself"),
        (
            lambda: capped_surface("tube", "(cos(phi), sin(phi), cos(theta))"),
            "the circle of phi does not shrink to a pole at theta = 0",
        ),
        (lambda: density("circle", "x"), "manifold: got 'circle', expected a Manifold"),
        (lambda: density(manifold("circle"), None), "got None, expected one formula"),
        (lambda: Axis(U, 1.0, 0.0), "expected low < high"),
        (lambda: Axis(U, 0.0, 1.0, "round"), "axis kind: got 'round'"),
        (lambda: manifold("circle").embed([[np.nan]]), "1 of 1 entries are not finite"),
        (lambda: manifold("circle").embed([0.0, 1.0]), r"got shape \(2,\)"),
        (lambda: density(manifold("circle"), "cos(t)"), "expected a finite value > 0"),
        (lambda: density(manifold("circle"), "0"), "expected a finite value > 0"),
        (lambda: density(manifold("circle"), "1/abs(sin(t))"), "not normalisable"),
        (lambda: density(manifold("line"), "1/(1+u**2)"), "not normalisable"),
        (lambda: density(manifold("line")), "not normalisable"),
        (lambda: density(manifold("circle"), "(t, t)"), "expected one formula"),
        (lambda: chart_quadrature(manifold("line"), 10), "expected a finite support"),
        (lambda: chart_quadrature(manifold("circle"), 1), "nodes per axis: got 1"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()
