"""Hostile formulas: each is read or refused in a moment, in one short line, and never evaluated
before its size is known.
"""

from __future__ import annotations

import time

import numpy as np
import pytest
import sympy as sp

from theory.setting.checks import MOST_MESSAGE, InputError, shown
from theory.setting.densities import density
from theory.setting.expressions import MOST_DEPTH, MOST_PARTS, compile_array, parse
from theory.setting.manifolds import circle, closed_curve, manifold
from theory.setting.pseudo_metrics import transformed_distance

X, Y = sp.symbols("x y", real=True)
NAMES = {"x": X, "y": Y}
HOSTILE = {
    "9**9**9": "power",
    "10**309": "power",
    "2**1024": "power",
    "x**1e9": "power",
    "(x + 1)**(10**6)": "power",
    "exp(2**2**28)": "power",
    "exp(1000)": "expected numbers from",
    "exp(exp(exp(exp(5))))": "expected numbers from",
    "exp(-1000)": "expected numbers from",
    "1e-308": "expected numbers from",
    "1e400 + x": "expected numbers from",
    "9" * 400: "expected numbers from",
    "9" * 5000: "characters",
    "log(0)": "no finite real value",
    "log(x - x)": "no finite real value",
    "sqrt(-1)": "no finite real value",
    "sqrt(x - x - 1)": "no finite real value",
    "asin(2)": "no finite real value",
    "(-1)**0.5": "no finite real value",
    "0**-1": "no finite real value",
    "(x - x)**-1": "no finite real value",
    "tan(pi/2)": "no finite value",
    "1/cos(pi/2)": "divides by zero",
    "1/0": "divides by zero",
    "1/(x - x)": "divides by zero",
    "x/(1 - 1)": "divides by zero",
    "+".join(["x"] * 2500): "characters",
    "+".join(["x"] * 1500): "too long",
    "-" * 5000 + "x": "characters",
    "-" * 1000 + "x": "",
    "sin(" * 40 + "x" + ")" * 40: "nested too deeply",
    "(" * 300 + "x" + ")" * 300: "cannot be read",
    "x**" * 40 + "x": "nested too deeply",
    "": "cannot be read",
    "   \t\n": "cannot be read",
    "()": "empty tuple",
    "((x, y), x)": "a tuple inside",
    "(x, (y,))": "a tuple inside",
    "x + (x, y)": "a tuple inside",
    "1\0": "character",
    "x\x1b[2J": "character",
    "１ + x": "character",
    "х": "character",
    "\udcff": "character",
    "x" * 3000: "unknown name",
    "rho + 1": "unknown name 'rho'",
    "exp": "unknown name",
    "__import__('os')": "not plain arithmetic",
    "__import__(x)": "not a call of a known function",
    "eval(x)": "not a call of a known function",
    "sin(x)(y)": "not a call of a known function",
    "sin(x, y)": "one argument",
    "sin()": "one argument",
    "sin(x=1)": "one argument",
    "sin(*x)": "not plain arithmetic",
    "x.real": "not plain arithmetic",
    "().__class__.__bases__": "not plain arithmetic",
    "lambda: 1": "not plain arithmetic",
    "(lambda: 1)()": "not a call of a known function",
    "x < 1": "not plain arithmetic",
    "x if x else 1": "not plain arithmetic",
    "x and y": "not plain arithmetic",
    "not x": "not plain arithmetic",
    "~1": "not plain arithmetic",
    "x % 2": "not plain arithmetic",
    "x // 2": "not plain arithmetic",
    "x @ y": "not plain arithmetic",
    "x | y": "not plain arithmetic",
    "[x]": "not plain arithmetic",
    "{x}": "not plain arithmetic",
    "[x for x in y]": "not plain arithmetic",
    "'a'": "not plain arithmetic",
    "f'{x}'": "not plain arithmetic",
    "b'a'": "not plain arithmetic",
    "True": "not plain arithmetic",
    "None": "not plain arithmetic",
    "...": "not plain arithmetic",
    "1j": "not plain arithmetic",
    "(y := 1)": "not plain arithmetic",
    "x; x": "cannot be read",
    "x = 1": "cannot be read",
    "import os": "cannot be read",
    "x +": "cannot be read",
    "*x": "cannot be read",
    "1x": "cannot be read",
}


def refusal(call) -> str:
    """The message of the InputError that `call` raises, which must be one short line, at once."""
    started = time.process_time()
    with pytest.raises(InputError) as caught:
        call()
    assert time.process_time() - started < 1.0
    message = str(caught.value)
    assert len(message) <= MOST_MESSAGE and message.isprintable(), message
    return message


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:24]))
def test_a_hostile_formula_is_refused_in_one_short_line(text):
    assert HOSTILE[text] in refusal(lambda: parse("f", text, NAMES))
    refusal(lambda: density(circle(), text))
    refusal(lambda: transformed_distance(text))
    if text.strip():  # else a comma more
        refusal(lambda: manifold(f"(cos(u), sin(u), {text})"))


@pytest.mark.parametrize("given", [None, 3, b"x", ["x"], object(), 10**400])
def test_what_is_no_text_is_refused(given):
    assert "expected a formula as a string" in refusal(lambda: parse("f", given, NAMES))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x**2 + pi", X**2 + sp.pi),
        ("2*x/3 - -y", 2 * X / 3 + Y),
        ("1/3 + x", 1 / 3 + X),  # numbers are Python's, as ever
        ("x\n + 1", X + 1),
        ("Abs(x) + abs(y)", sp.Abs(X) + sp.Abs(Y)),
        ("0x10 + 1_0*x", 16 + 10 * X),
        ("2**-2*x", 0.25 * X),
        ("1/(2*pi)", 1 / (2 * sp.pi)),
        ("(x, 2)", sp.Tuple(X, 2)),
        ("(x,)", sp.Tuple(X)),
        ("+".join(["x"] * (MOST_PARTS // 2)), MOST_PARTS // 2 * X),
        ("*".join(["x"] * 90), X**90),
        ("-" * (MOST_DEPTH - 2) + "x", X),
    ],
)
def test_arithmetic_is_read_as_it_was_written(text, value):
    assert parse("f", text, NAMES) == value


def test_a_modulus_of_what_may_be_complex_has_a_real_derivative():
    f = parse("f", "abs(log(3 + x))", NAMES)
    slope = compile_array([X], [sp.diff(f, X)], ())
    assert slope(np.array([[-2.5], [1.0]])) == pytest.approx([-2.0, 0.25])


def test_a_root_of_a_negative_number_is_no_value():
    values = compile_array([X], [parse("f", "sqrt(x)", NAMES), sp.sqrt(-(X**2))], (2,))
    assert np.isnan(values(np.array([[-1.0]]))).all()


def test_what_numpy_cannot_compute_is_refused():
    kinked = sp.diff(sp.Abs(X), X, 2)
    assert "cannot be computed" in refusal(lambda: compile_array([X], [kinked], ()))


TOKENS = ["x", "y", "pi", "0", "1", "2.5", "1e99", "9", "+", "-", "*", "/", "**", "(", ")", ",",
          "sin(", "exp(", "log(", "sqrt(", "abs(", "tan(", "q", ".", "\0", " "]  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_any_text_is_read_or_refused(seed):
    """Words of the grammar, a few of them closed, and characters of any kind, at random."""
    rng = np.random.default_rng(seed)
    for _ in range(150):
        words = rng.choice(TOKENS, size=rng.integers(1, 14)).tolist()
        text = "".join(words)
        text += rng.choice(["", ")" * max(0, text.count("(") - text.count(")"))])
        if rng.random() < 0.2:
            text = "".join(map(chr, rng.integers(0, 0x3FF, size=rng.integers(0, 12))))
        try:
            assert isinstance(parse("f", text, NAMES), sp.Expr | sp.Tuple)
        except InputError as error:
            assert len(str(error)) <= MOST_MESSAGE and str(error).isprintable()


def test_messages_quote_the_ends_of_what_is_long():
    assert shown("x" * 500).startswith("'xxx") and "..." in shown("x" * 500)
    assert shown(10**400) == "about 1e400" and len(shown(list(range(999)))) < 70
    long = InputError("density: " + "very " * 200 + "long")
    assert len(str(long)) == MOST_MESSAGE and str(long).endswith("very long")
    assert "\n" not in str(InputError("a\nb"))
    with pytest.raises(InputError, match=r"^embedding of n+\.\.\.n+: 'cos") as caught:
        closed_curve("n" * 400, "cos(u" * 99)
    assert len(str(caught.value)) <= MOST_MESSAGE
