"""A chosen few of the planted mistakes are refuted; without one nothing is."""

from __future__ import annotations

import pytest

from simulations.verdict.sabotage.mistakes import MISTAKES
from simulations.verdict.sabotage.planting import planted
from simulations.verdict.sabotage.study import refuted_rows

CHOSEN = {
    "normalised by columns": "markov",
    "float32 in one step": "markov",
    "window open instead of closed": "local_attention",
}


def test_nothing_is_refuted_without_a_mistake():
    assert refuted_rows("markov") == []


@pytest.mark.parametrize("name", CHOSEN)
def test_a_chosen_mistake_is_refuted(name):
    (mistake,) = (m for m in MISTAKES if m.name == name)
    with planted(mistake):
        assert refuted_rows(CHOSEN[name])
