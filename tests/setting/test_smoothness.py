"""Functions on a manifold: what does not close up, has several values at a pole, a kink, a
singularity or a zero is refused, whatever nodes miss it; what is smooth is not.
"""

from __future__ import annotations

import time

import numpy as np
import pytest
import sympy as sp

from theory.pde import evolve
from theory.setting.checks import MOST_MESSAGE, InputError
from theory.setting.densities import density
from theory.setting.heads import asymmetric_score
from theory.setting.hypotheses import require_function
from theory.setting.manifolds import capped_surface, manifold
from theory.setting.smoothness import zero_of

EGG = "(sin(theta)*cos(phi), sin(theta)*sin(phi), (1.3 + cos(theta)/5)*cos(theta))"
ENDS = [
    ("circle", "5 + t", "does not close up along t: it is 5 at t = 0 and 11.28 at 6.283"),
    ("circle", "5 + cos(t/2)", "does not close up along t"),
    ("circle", "2 + abs(cos(t))*t/9", ""),
    ("circle", "5 + sin(t/2)", "has a kink at t = 0"),
    ("circle", "30 + t*(2*pi - t)", "has a kink at t = 0"),
    ("torus", "9 + u*(2*pi - u) + cos(v)", "has a kink at u = 0"),
    ("torus", "20 + v", "does not close up along v"),
    ("flat_torus(dim=3)", "20 + u3", "does not close up along u3"),
    ("sphere", "1 + phi", "has several values at the pole theta = 0"),
    ("sphere", "1 + cos(phi)/2", "has several values at the pole theta = 0: 0.5 to 1.5"),
    ("sphere", "2 + cos(phi)*(1 - cos(theta))/4", "has a kink at the pole theta = 0"),
    ("sphere", "2 + sin(theta)", "has a kink at the pole theta = 0"),
    ("sphere", "2 + sin(theta)*cos(3*phi)", "has a kink at the pole"),
    ("sphere", "2 + sin(theta)**2*cos(4*phi)", "has a kink at the pole"),
    ("sphere", "2 + sin(theta)**2*cos(phi)", "has a kink at the pole"),
    ("sphere", "9 + sin(theta)*phi", ""),
    ("sphere3", "9 + xi1", ""),
    ("sphere3", "9 + cos(xi2)*sin(eta)", "has a kink at the pole eta = 0"),
]
INSIDE = [
    ("circle", "2 + abs(sin(t))", "has a kink at t = 3.142, in 'Abs(sin(t))'"),
    ("circle", "2 + abs(x)**3", "has a kink"),
    ("circle", "1 + sqrt(1 + x)", "has a kink at t = 3.142"),
    ("circle", "1 + acos(x)", "has a kink"),
    ("circle", "9 + (x**2)**0.3", "has a kink at t = 1.571"),
    ("sphere", "1 + abs(z - 1/3)", "has a kink"),
    ("sphere", "1 + sqrt(x**2 + y**2)", "has a kink at theta = 0"),
    ("circle", "1/sqrt(abs(sin(t)))", "is singular at t = "),
    ("circle", "2 + log(1 + x)/9", "is singular at t = 3.142"),
    ("circle", "2 + tan(t)**2", "is singular at t = 1.571, in 'tan(t)'"),
    ("circle", "2 + exp(1/x)", "is singular at t = 1.571"),
    ("circle", "2 + atan(tan(t))", "is singular"),
    ("sphere", "1/(1 - z)**(1/3)", "is singular at theta = 0"),
    ("circle", "exp(800*x)", "is inf at t = 0"),
]
ZEROS = [
    ("circle", "x**2", "is 0 at t = 1.571"),
    ("circle", "1 + cos(t)", "is 0 at t = 3.142"),
    ("circle", "1 + cos(t - 1)", "is 0 at t = 4.142"),
    ("circle", "(x - 1/3)**4*(2 + y)", "is 0 at t = "),
    ("circle", "1.01 - exp(-50*(x - 0.3)**2) - 0.01", "is 0 at t = "),
    ("circle", "exp(x)*(y - 0.123)**2", "is 0 at t = "),
    ("sphere", "x**2", "is 0 at"),
    ("sphere", "1 + z", "is 0 at theta = 3.142"),
    ("sphere", "3 - x - y - z - (3 - sqrt(3))", "is 0 at theta = 0.9553, phi = 0.7854"),
    ("torus", "(x - 3)**2 + y**2 + z**2", "is 0 at u = 0, v = 0"),
    ("torus", "1 + sin(u + v)", "is 0 at"),
    ("sphere3", "(x1 - 1)**2 + x2**2 + x3**2", "is 0 at eta = 1.571"),
    ("line", "u**2*exp(-u**2)", "is 0 at u = 0"),
    ("circle", "x + 1/2", "is -0."),
]


@pytest.mark.parametrize(("spec", "formula", "message"), ENDS + INSIDE + ZEROS)
def test_a_density_that_is_none_is_refused(spec, formula, message):
    m = manifold(spec)
    with pytest.raises(InputError) as caught:
        density(m, formula)
    assert str(caught.value).startswith("density: ") and len(str(caught.value)) <= MOST_MESSAGE
    assert message in str(caught.value)


@pytest.mark.parametrize(("spec", "formula", "message"), ENDS + INSIDE)
def test_features_are_held_to_the_same(spec, formula, message):
    with pytest.raises(InputError) as caught:
        require_function(manifold(spec), "features", formula)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("formula", "part"),
    [
        ("log(z)", None),
        ("sqrt(z)", None),
        ("1/z", None),
        ("2 + abs(z)", "'Abs(cos(theta))'"),
        ("2 + sqrt(1 - z)", "'sqrt(1 - cos(theta))'"),
    ],
)
def test_a_formula_is_quoted_as_it_was_typed(formula, part):
    for refuse in (density, lambda m, f: require_function(m, "features", f)):
        with pytest.raises(InputError) as caught:
            refuse(manifold("sphere"), formula)
        assert repr(formula) in str(caught.value)
        assert f", in {part}" in str(caught.value) if part else "cos" not in str(caught.value)


GOOD = [
    ("circle", "2 + sin(50*t)"),
    ("circle", "exp(x/2 + y/4)"),
    ("circle", "abs(2 + x)"),
    ("circle", "sqrt(2 + x)*log(3 + y)"),
    ("circle", "1/(1.1 + x)"),
    ("circle", "1e-5 + x**2"),
    ("circle", "tan(x/2) + 2"),
    ("circle", "exp(20*x)"),
    ("circle", "1e-90*(2 + x)"),
    ("circle(radius=100)", "200 + x"),
    ("ellipse(a=9, b=0.1)", "10 + x"),
    ("sphere", "2 + sin(theta)*cos(phi)"),
    ("sphere", "2 + sin(theta)**2*cos(2*phi)"),
    ("sphere", "2 + sin(theta)**3*cos(3*phi)"),
    ("sphere", "2 + cos(theta)"),
    ("sphere", "2 + sin(2*theta)*sin(phi)"),
    ("sphere", "exp(10*z) + x*y + 1"),
    ("sphere", "2 + cos(20*x)"),
    ("sphere3", "exp(x1) + x2*x3"),
    ("sphere3", "2 + sin(eta)*cos(xi1)"),
    ("torus", "exp(x/6 + y/12 + z/3)"),
    ("torus", "2 + sin(3*u - 2*v)"),
    ("line", "exp(-u**2/2)*(1 + u**2)"),
    ("interval", "1 + u/2"),
    ("interval", "1 + sqrt(1 + u)"),
]


@pytest.mark.parametrize(("spec", "formula"), GOOD)
def test_what_is_smooth_and_positive_is_a_density(spec, formula):
    m = manifold(spec)
    started = time.process_time()
    assert density(m, formula).total > 0
    assert time.process_time() - started < 0.5
    require_function(m, "features", formula)


@pytest.mark.parametrize(
    ("spec", "formula", "message"),
    [
        ("circle", "1/abs(sin(t))", "it is not normalisable on circle"),
        ("circle", "tan(t)**2", "it is not normalisable on circle"),
        ("circle", "1/sqrt(abs(sin(t)))", "with a finite value > 0 everywhere"),
        ("circle", "1/abs(sin(t))**0.9", "with a finite value > 0 everywhere"),
        ("circle", "2 + abs(sin(t))", "expected a smooth function"),
        ("circle", "1 + 1/(1e-6 + (x - 0.3)**2)", "is too sharp or too rough"),
        ("line", "1/(1 + u**2)", "or its tails are too heavy"),
    ],
)
def test_only_what_has_no_integral_is_called_so(spec, formula, message):
    with pytest.raises(InputError) as caught:
        density(manifold(spec), formula)
    assert message in str(caught.value)
    assert ("not normalisable" in str(caught.value)) == (
        "normalisable" in message or spec == "line"
    )


def test_an_expression_is_looked_at_as_a_text_is():
    m = manifold("circle")
    for formula in (5 + m.symbols[0], sp.Abs(sp.sin(m.symbols[0])) + 1):
        with pytest.raises(InputError):
            density(m, formula)


def test_heat_starts_from_a_kink_but_not_from_two_values():
    m = manifold("circle")
    assert require_function(m, "initial", "abs(x)", kinks=True).free_symbols
    with pytest.raises(InputError, match="initial: 't' does not close up"):
        evolve(density(m), "t", [0.1], cells=64)


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("sqrt((x1 - y1)**2 + (x2 - y2)**2)", "has a kink"),
        ("abs(x1 - y2)", "has a kink"),
        ("1/(x1 - y1)", "is singular"),
        ("log(x1 + y1)", "is singular"),
        ("y1**0.5", "has a kink"),
        ("exp(900*y1)", "is inf"),
    ],
)
@pytest.mark.parametrize("spec", ["circle", "(cos(u), sin(u), cos(v), sin(v))"])
def test_scores_are_smooth_for_all_pairs(spec, formula, message):
    m = manifold(spec)
    with pytest.raises(InputError, match=f"^my score: .*{message}"):
        asymmetric_score("my score", formula, m, np.random.default_rng(0))
    if message == "has a kink" and "y1**" not in formula:
        asymmetric_score("my score", formula, m, np.random.default_rng(0), kinks=True)
    asymmetric_score("my score", "(x1 - y2)**2 + x1*y1/3", m, np.random.default_rng(0))


@pytest.mark.parametrize("at", [0.0, 1e-3, 1.2345, np.pi, 6.2, 2 * np.pi])
def test_a_touching_zero_is_found_wherever_it_is(at):
    m = manifold("circle")
    t = m.symbols[0]
    zero = zero_of(m.axes, 1 - sp.cos(t - at))
    assert abs(np.sin((zero[0] - at) / 2)) < 1e-7
    assert zero_of(m.axes, 1.000001 - sp.cos(t - at)) is None


def test_features_on_a_surface_of_ones_own():
    egg = capped_surface("egg", EGG)
    require_function(egg, "features", "x*y + z")
    for formula in ("theta", "phi", "sin(theta)"):
        with pytest.raises(InputError, match="pole theta = 0"):
            require_function(egg, "features", formula)
