"""Any text as a formula: read, or refused in one short line."""

from __future__ import annotations

import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.setting.checks import MOST_MESSAGE, InputError
from theory.setting.expressions import parse

X = sp.Symbol("x", real=True)
WORDS = st.sampled_from(
    "x 1 2 0 9 1e5 .5 pi + - * / ** ( ) , exp( sin( log( sqrt( abs( tan( lambda: [ ] . _ ' \n".split(
        " "
    )
)
FORMULAS = st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=25).map("".join))


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(FORMULAS)
def test_any_text_is_a_formula_or_one_line(text):
    try:
        formula = parse("f", text, {"x": X})
    except InputError as refused:
        assert "\n" not in str(refused) and len(str(refused)) <= MOST_MESSAGE
    else:
        assert formula.free_symbols <= {X}
