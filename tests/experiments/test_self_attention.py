"""`self_attention` refutes planted mistakes."""

from __future__ import annotations

import pytest

from simulations.experiments.self_attention import measure
from simulations.store.results import Run
from simulations.verdict.join import judge_quantities
from simulations.verdict.sabotage.mistakes import MISTAKES
from simulations.verdict.sabotage.planting import planted
from theory.claims import self_attention as claim
from theory.predictions.self_attention import predict
from theory.setting.checks import InputError

PARAMETERS = claim.Parameters(n_levels=4, n_tokens=3000, n_seeds=12)


def refuted() -> set[str]:
    quantities = measure(PARAMETERS, Run(None, True)).quantities
    rows = judge_quantities(quantities, predict(PARAMETERS))
    return {row.quantity for row in rows if row.verdict == "refuted"}


def test_nothing_is_refuted_without_a_mistake():
    assert refuted() == set()


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("temperature 3 % off", claim.CLOCK),
        ("temperature 3 % off", claim.ROTATION_SAMPLED),
        ("drift 1.96: a key bias of -0.02 log deg", claim.CONSENSUS),
        ("transposed W", claim.ROTATION),
    ],
)
def test_planted_mistakes_are_refuted(name, row):
    with planted(next(m for m in MISTAKES if m.name == name)):
        assert row in refuted()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"density": "uniform"}, "density: got a uniform one"),
        ({"torque": 0.0}, "torque: got 0"),
        ({"temperature": 5.0}, "temperature: got 5"),
        ({"n_levels": 16}, "temperature: got"),
    ],
)
def test_bad_parameters_are_refused_at_the_door(changed, message):
    with pytest.raises(InputError, match=message):
        claim.Parameters(**changed)
