"""Planting: a mistake is in place while it is tried, everywhere it should be, and gone afterwards."""

from __future__ import annotations

import pytest

from simulations.attention import AttentionOperator
from simulations.tokens import sampling
from simulations.verdict.sabotage.mistakes import MISTAKES
from simulations.verdict.sabotage.planting import Mistake, locate, planted
from theory import population as population_
from theory.claims import claims
from theory.setting import quadrature
from theory.setting.checks import InputError


def wrong(_):
    return "wrong"


def test_a_mistake_is_planted_wherever_the_name_was_taken_and_removed():
    right = quadrature.chart_quadrature
    with planted(Mistake("m", {"theory.setting.quadrature.chart_quadrature": wrong}, ())):
        assert sampling.chart_quadrature == population_.chart_quadrature == "wrong"
    assert sampling.chart_quadrature is population_.chart_quadrature is right


def test_a_mistake_can_be_planted_on_one_side_alone():
    target = "simulations: theory.setting.quadrature.chart_quadrature"
    with planted(Mistake("m", {target: wrong}, ())):
        assert sampling.chart_quadrature == "wrong" != population_.chart_quadrature


def test_a_method_is_put_back_after_an_error():
    right = AttentionOperator.__init__
    target = "simulations.attention.operator.AttentionOperator.__init__"
    with pytest.raises(KeyError), planted(Mistake("m", {target: wrong}, ())):
        assert AttentionOperator.__init__ == "wrong"
        raise KeyError
    assert AttentionOperator.__init__ is right


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: m.name)
def test_every_mistake_is_about_something_that_exists(mistake):
    for target in mistake.patches:
        locate(target.rpartition(": ")[2])
    assert mistake.claims and set(mistake.claims) <= set(claims())


def test_there_are_enough_mistakes_and_each_has_a_name():
    assert len({m.name for m in MISTAKES}) == len(MISTAKES) >= 20


@pytest.mark.parametrize(
    "target", ["theory.nothing.f", "theory.setting.checks.nothing", "os.path.join"]
)
def test_a_target_that_is_not_there_is_named(target):
    with pytest.raises(InputError, match="target: got"):
        locate(target)
