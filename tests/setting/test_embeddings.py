"""Embeddings: curves and surfaces that cross themselves, are covered twice, have a kink or a pole,
or whose metric is degenerate between the points of any grid, are refused; good ones are not.
"""

from __future__ import annotations

import time

import pytest
import sympy as sp

from theory.setting.checks import MOST_MESSAGE, InputError
from theory.setting.manifolds import (
    MANIFOLDS,
    Axis,
    Manifold,
    capped_surface,
    closed_curve,
    closed_surface,
    flat_torus,
    manifold,
    sphere3,
    times_circle,
)


def revolved(radius: str) -> str:
    return (
        f"(({radius})*sin(theta)*cos(phi), ({radius})*sin(theta)*sin(phi), ({radius})*cos(theta))"
    )


CROSSING = [
    "(cos(2*u), sin(2*u))",
    "(cos(3*u), sin(3*u), 0*u)",
    "(cos(u), sin(u)*cos(u))",
    "(cos(u) + 1.2*cos(2*u), sin(u) + 1.2*sin(2*u))",
    "(cos(u) + cos(7*u)/3, sin(u) + sin(7*u)/3)",
    "((3+sin(u))*cos(v), (3+sin(u))*sin(v), sin(2*u))",
    "((2+cos(2*u))*cos(v), (2+cos(2*u))*sin(v), sin(2*u))",
    "((2+cos(u))*cos(2*v), (2+cos(u))*sin(2*v), sin(u))",
    "(cos(u), sin(u), cos(2*v), sin(2*v))",
    "(cos(u), sin(u), sin(v)*cos(v), sin(v))",
    "((3+cos(v)+cos(2*v))*cos(u), (3+cos(v)+cos(2*v))*sin(u), sin(v)+sin(2*v))",
]
CAPS_CROSSING = [
    # Veronese's surface: it covers a projective plane twice
    "(sin(theta)**2*sin(2*phi), sin(2*theta)*sin(phi), sin(2*theta)*cos(phi), sin(theta)**2*cos(2*phi),"
    " cos(2*theta))",
    "(sin(theta)*cos(phi), sin(theta)*sin(phi), cos(theta)*(1 - 1.6*sin(theta)**2))",
]
DEGENERATE = [
    ("(cos(u), sin(u), tan(u))", "is singular at u = 1.571, in 'tan(u)'"),
    ("(abs(cos(u)), sin(u))", "has a kink at u = 1.571"),
    ("(u*(u - 2*pi), sin(u))", "has a kink at u = 0"),
    ("(cos(u), sin(u), sqrt(1 + sin(u)))", "has a kink at u = 4.712"),
    ("(cos(u), u)", "does not close up along u"),
    ("(cos(u - 0.1)**3, sin(u - 0.1)**3)", "degenerate"),
    ("((0.7+cos(v))*cos(u), (0.7+cos(v))*sin(u), sin(v))", "degenerate at"),
    ("(cos(u),)", "expected an immersion"),
    ("(1, 2)", "expected an immersion"),
    ("()", "empty tuple"),
    ("((1, 2),)", "a tuple inside"),
]
CAPS_DEGENERATE = [
    ("(sin(theta)*cos(2*phi), sin(theta)*sin(2*phi), cos(theta))", "has a kink at the pole"),
    ("(sin(theta)*cos(phi), sin(theta)*sin(phi), sin(theta)+cos(theta))", "kink at the pole"),
    ("(sin(theta)*cos(phi), sin(theta)*sin(phi), cos(theta)**2)", "immersion"),
    (revolved("1.5 + cos(2*theta) + 3*cos(theta)"), "the metric is degenerate"),
]


def refusal(make, embedding) -> str:
    started = time.process_time()
    with pytest.raises(InputError) as caught:
        make(embedding)
    assert time.process_time() - started < 1.5  # of which 0.1 to 0.3 s are SymPy's
    assert len(str(caught.value)) <= MOST_MESSAGE and "\n" not in str(caught.value)
    return str(caught.value)


def cap(embedding):
    return capped_surface("cap", embedding)


@pytest.mark.parametrize("embedding", CROSSING)
def test_what_meets_itself_is_refused(embedding):
    message = refusal(manifold, embedding)
    assert "crosses itself at" in message and "covered once" in message


@pytest.mark.parametrize("embedding", CAPS_CROSSING)
def test_a_cap_that_meets_itself_is_refused(embedding):
    assert "crosses itself" in refusal(cap, embedding)


@pytest.mark.parametrize(("embedding", "message"), DEGENERATE)
def test_what_is_no_immersion_is_refused(embedding, message):
    assert message in refusal(manifold, embedding)


@pytest.mark.parametrize(("embedding", "message"), CAPS_DEGENERATE)
def test_a_cap_that_is_no_immersion_is_refused(embedding, message):
    assert message in refusal(cap, embedding)


def test_the_points_where_a_surface_meets_itself_are_named():
    message = refusal(manifold, "((3+sin(u))*cos(v), (3+sin(u))*sin(v), sin(2*u))")
    found = [float(part.split("=")[1].split(",")[0]) for part in message.split("u ")[1:]]
    assert sorted(found) == pytest.approx([0.0, 3.142], abs=1e-3)


GOOD = {
    "(2*cos(u), sin(u) + cos(2*u)/4)": manifold,
    "(cos(u) + 0.3*cos(5*u), sin(u) + 0.15*sin(5*u))": manifold,
    "(sin(u) + 2*sin(2*u), cos(u) - 2*cos(2*u), -sin(3*u))": manifold,  # a trefoil
    "((3+cos(v))*cos(u), (3+cos(v))*sin(u), sin(v) + sin(3*u)/2)": manifold,
    "((10+cos(v)/2)*cos(u), (10+cos(v)/2)*sin(u), sin(v)/2)": manifold,
    "(cos(u), sin(u), cos(v), sin(v))": manifold,
    "(sin(theta)*cos(phi), sin(theta)*sin(phi), (1.3 + cos(theta)/5)*cos(theta))": cap,  # an egg
    "(sin(theta)*cos(phi), 2*sin(theta)*sin(phi), 3*cos(theta))": cap,  # an ellipsoid
    revolved("1 + 0.4*cos(2*theta)"): cap,  # a peanut
    revolved("1.05 + cos(2*theta)"): cap,  # with a waist of 0.05
    revolved("1 + sin(theta)**3*cos(3*phi)/5"): cap,  # with three ears
} | dict.fromkeys(["torus(major=2, minor=1.9)", "ellipse(a=50)", "circle()", "sphere( radius = 2 )"],
                  manifold)  # fmt: skip


@pytest.mark.parametrize("embedding", GOOD)
def test_what_is_embedded_is_accepted_soon(embedding):
    started = time.process_time()
    assert GOOD[embedding](embedding).closed
    assert time.process_time() - started < 1.0  # of which 0.1 to 0.3 s are SymPy's


@pytest.mark.parametrize("name", MANIFOLDS)
def test_the_built_in_ones_are_accepted_and_looked_at_once(name):
    m = manifold(name)
    started = time.process_time()
    assert manifold(name) == m
    assert time.process_time() - started < 0.2


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("circle(radius=1))", "radius='1)'"),
        ("circle((radius=1)", "circle takes radius"),
        ("circle(radius=2, radius=3)", "radius twice"),
        ("circle(radius=1,)", "circle takes radius"),
        ("circle(2)", "circle takes radius"),
        ("circle)", "got 'circle)'"),
        ("circle(radius=1)x", "got 'circle(radius=1)x'"),
        ("circle(radius=1e-308)", "radius: got 1e-308, expected a number from 1e-06"),
        ("circle(radius=1e308)", "radius: got 1e+308"),
        ("circle(radius=" + "9" * 1000 + ")", "radius: got inf"),
        ("circle(radius=nan)", "radius: got nan"),
        ("circle(radius=__import__('os'))", "expected a number"),
        ("flat_torus(dim=2.5)", "dim: got 2.5, expected 1, 2 or 3"),
        ("flat_torus(dim=1e300)", "dim: got 1e+300, expected 1, 2 or 3"),
        ("line(u=1)", "line takes no parameters"),
        ("x" * 3000, "expected one of circle"),
        ("", "got ''"),
        (5, "got 5, expected a name or an embedding"),
        (None, "got None"),
    ],
)
def test_a_bad_name_is_refused(spec, message):
    assert message in refusal(manifold, spec)


def test_four_axes_are_refused_by_whatever_makes_them():
    axes = tuple(Axis(s, 0.0, 1.0) for s in sp.symbols("a b c d", real=True))
    for make in (
        lambda: Manifold("h", axes, (sp.Integer(0),)),
        lambda: times_circle(sphere3()),
        lambda: times_circle(flat_torus(3)),
        lambda: closed_surface("x", "(cos(a), sin(b), sin(c), sin(d))", ("a", "b", "c", "d")),
    ):
        with pytest.raises(InputError, match="got 4 chart axes, expected 1, 2 or 3"):
            make()


def test_a_long_embedding_makes_no_long_message():
    long = "(cos(u), sin(u) + " + " + ".join(f"cos({k}*u)/9" for k in range(2, 60)) + ")"
    assert len(refusal(manifold, long.replace("sin(u)", "sin(u/2)"))) <= MOST_MESSAGE
    assert len(closed_curve("c", "(cos(u), sin(u))").name) == 1
