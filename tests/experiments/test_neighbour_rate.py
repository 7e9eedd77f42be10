"""`neighbour_rate`: the clock and the weights of one query, and parameters that are refused."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.experiments.neighbour_rate import windows
from simulations.experiments.neighbour_rate.generator import generator
from simulations.experiments.neighbour_rate.windows import biases
from simulations.store.results import Run
from simulations.verdict.join import judge_quantities
from theory.claims import neighbour_rate as claim
from theory.predictions.neighbour_rate import predict
from theory.setting.checks import InputError


def test_the_sharp_generator_is_a_plain_mean_of_the_nearest():
    rng = np.random.default_rng(1)
    keys, x = rng.normal(size=(300, 2)), np.zeros(2)
    near = (keys**2).sum(axis=1) <= 0.5**2
    found = generator(claim.SHARP, x, keys, 0.5, keys, x)
    clock = (keys[near] ** 2).sum(axis=1).mean() / 2
    assert np.allclose(found, keys[near].mean(axis=0) / clock, rtol=1e-10)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"n_tokens": 10}, "n_tokens"),
        ({"neighbours": 9.0}, "neighbours"),
        ({"n_levels": 1}, "n_lev"),
    ],
)
def test_bad_parameters_are_refused_at_the_door(changed, message):
    with pytest.raises(InputError, match=message):
        claim.Parameters(**changed)


def test_a_query_beside_the_middle_of_its_ball_is_refuted(monkeypatch):
    parameters = claim.Parameters()
    predicted = {claim.bias(1, w): predict(parameters)[claim.bias(1, w)] for w in claim.WEIGHTS}

    def verdicts():
        rows = judge_quantities(biases(parameters, Run(None, True), 1).quantities, predicted)
        return {row.verdict for row in rows}

    assert verdicts() == {"supported"}

    def beside(weights, x, keys, radius, *rest):
        return generator(weights, x + radius / 10, keys, radius, *rest)

    monkeypatch.setattr(windows, "generator", beside)
    assert verdicts() == {"refuted"}
