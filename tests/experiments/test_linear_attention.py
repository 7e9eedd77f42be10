"""`linear_attention` refutes planted mistakes."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.experiments.linear_attention import measure
from simulations.experiments.linear_attention.series import divided
from simulations.store.results import Run
from simulations.verdict.join import judge_quantities
from simulations.verdict.sabotage.mistakes import MISTAKES
from simulations.verdict.sabotage.planting import planted
from theory.claims import linear_attention as claim
from theory.predictions.linear_attention import predict
from theory.setting.checks import InputError

PARAMETERS = claim.Parameters(n_levels=4, n_tokens=400, n_seeds=10)


def refuted() -> set[str]:
    quantities = measure(PARAMETERS, Run(None, True)).quantities
    rows = judge_quantities(quantities, predict(PARAMETERS))
    return {row.quantity for row in rows if row.verdict == "refuted"}


def test_nothing_is_refuted_without_a_mistake():
    assert refuted() == set()


@pytest.mark.parametrize("name", ["temperature 3 % off", "transposed W"])
def test_planted_mistakes_are_refuted(name):
    with planted(next(m for m in MISTAKES if m.name == name)):
        assert {claim.COVARIANCE, claim.SECOND, claim.SAMPLED} <= refuted()


def test_divided_differences_of_a_parabola():
    s = 2.0 ** -np.arange(5)
    values = (1 + 3 * s + 7 * s**2)[:, None, None]
    slopes = divided(values, s)
    assert np.allclose(slopes[:, 0, 0], 3 + 7 * (s[:-1] + s[1:]))
    assert np.allclose(divided(slopes, s[:-1], s[2:]), 7.0)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"score": "x1**2"}, "score: got"),
        ({"temperature": 0.0}, "temperature: got 0"),
        ({"manifold": "line"}, "manifold: got line"),
        ({"n_levels": 2}, "n_levels: got 2"),
    ],
)
def test_bad_parameters_are_refused_at_the_door(changed, message):
    with pytest.raises(InputError, match=message):
        claim.Parameters(**changed)
