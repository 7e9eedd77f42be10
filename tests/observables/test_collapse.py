"""The depth at which the features of a known layer collapse."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.observables.collapse import collapse, spread
from theory.setting.checks import InputError

FEATURES = np.array([[1.0, 0.0], [-1.0, 0.5], [0.0, -0.5]])
WEIGHTS = np.full(3, 1 / 3)


def test_collapse_of_a_layer_with_one_decay():
    # 0.8 on every feature of mean 0, constants stay
    layer = 0.8 * np.eye(3) + 0.2 / 3
    depth, spreads = collapse(layer, FEATURES, WEIGHTS, 1e-3)
    assert 0.8**depth == pytest.approx(1e-3, rel=1e-10)
    assert np.allclose(spreads, 0.8 ** np.arange(len(spreads)), rtol=1e-10)
    assert 0.8 ** (1.1 * depth) != pytest.approx(1e-3, rel=1e-2)


def test_spread_of_equal_tokens_is_zero():
    assert spread(np.ones((3, 2)), WEIGHTS) < 1e-15
    assert spread(FEATURES, WEIGHTS) == pytest.approx(np.sqrt(2 / 3 + 0.5 / 3))


def test_bad_input_is_named():
    with pytest.raises(InputError, match="factor: got 2"):
        collapse(np.eye(3), FEATURES, WEIGHTS, 2.0)
    with pytest.raises(InputError, match="after 5 layers"):
        collapse(np.eye(3), FEATURES, WEIGHTS, 0.5, most_layers=5)
