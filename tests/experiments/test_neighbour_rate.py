"""`neighbour_rate`: the clock and the weights of one query, and parameters that are refused."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.experiments.neighbour_rate.generator import generator
from theory.claims import neighbour_rate as claim
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
