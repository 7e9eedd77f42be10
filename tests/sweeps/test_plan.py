"""Lists as they are typed become the points of a sweep, each combination once."""

from __future__ import annotations

import itertools

import pytest

from simulations.sweeps.plan import parts_of, plan
from theory.setting.checks import InputError


def test_the_points_are_the_product_of_the_lists():
    found = plan("markov", {"n_tokens": "1e3,2000", "temperature": "0.2,pi/10", "n_levels": "5"}, 3)
    asked = itertools.product((1000, 2000), (0.2, 0.314159265), (20241218, 20241219, 20241220))
    assert [
        (p.parameters.n_tokens, pytest.approx(p.parameters.temperature), p.parameters.seed)
        for p in found.points
    ] == [(n, pytest.approx(t), s) for n, t, s in asked]
    assert found.varied == ["n_tokens", "temperature", "seed"]
    assert {type(p.values["n_tokens"]) for p in found.points} == {int}


def test_brackets_hold_a_value_together():
    found = plan("generator", {"manifolds": "circle,ellipse(a=2, b=1),[circle,sphere]"})
    assert [p.parameters.manifolds for p in found.points] == [
        ("circle",), ("ellipse(a=2, b=1)",), ("circle", "sphere")
    ]  # fmt: skip
    assert parts_of("x", "a, f(b,[c,d]) ,e") == ["a", "f(b,[c,d])", "e"]


def test_without_lists_there_is_the_reference_run():
    (point,) = plan("markov", {}).points
    assert point.values == {} and point.as_text() == "the reference"


def test_a_combination_that_the_claim_refuses_is_a_point_that_says_so():
    found = plan("markov", {"temperature": "0.2,1e-9", "n_levels": "5"})
    assert [bool(p.refused) for p in found.points] == [False, True]
    with pytest.raises(InputError, match="temperature: got 1e-09"):
        plan("markov", {"temperature": "1e-9,2e-9"})


@pytest.mark.parametrize(
    ("texts", "seeds", "message"),
    [
        ({"n_tokens": "1e3,,2"}, 1, "n_tokens: got '1e3,,2': a value is empty"),
        ({"n_tokens": ""}, 1, "a value is empty"),
        ({"n_tokens": "300.5"}, 1, "n_tokens: got '300.5', expected a whole number"),
        ({"n_tokens": "many"}, 1, "n_tokens: "),
        ({"n_tokens": "\N{SUPERSCRIPT TWO}"}, 1, "n_tokens: "),
        ({"n_tokens": "+-300"}, 1, "n_tokens: "),
        ({"n_tokens": "9" * 5000}, 1, "n_tokens: "),
        ({"temperature": "nan"}, 1, "temperature: "),
        ({"temperature": "0.1,(0.2"}, 1, "a bracket is open"),
        ({"temperature": "0.1,0.10"}, 1, "expected each value once"),
        ({"n_tokens": "0"}, 1, "n_tokens: got 0"),
        ({"tokens": "100"}, 1, "tokens: is no parameter of markov"),
        ({}, 0, "seeds: got 0"),
        ({}, 10**9, "seeds: got 1000000000, expected at most"),
        ({"seed": "1,2"}, 2, "seeds: got 2 beside a list of --seed"),
        (
            {"temperature": ",".join(f"0.{k}" for k in range(1000, 3000))},
            100,
            "points of the sweep",
        ),
    ],
)
def test_what_cannot_be_read_is_refused(texts, seeds, message):
    with pytest.raises(InputError, match=message):
        plan("markov", texts, seeds)
