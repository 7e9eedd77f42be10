"""A density that varies within the reach of the last kernel is refused, what is smoother is not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from theory import claims
from theory.setting.checks import MOST_MESSAGE, InputError
from theory.setting.densities import density
from theory.setting.hypotheses import MOST_CHANGE, require_resolved
from theory.setting.manifolds import manifold

ROUGH = "exp(2*cos(25*t))"  # 25 peaks around the circle: a step of clock 0.005 levels them


@pytest.mark.parametrize("height, waves", [(0.5, 1), (2, 3), (0.1, 20)])
def test_the_roughest_clock_is_that_of_the_closed_form(height, waves):
    p = density(manifold("circle"), f"exp({height}*cos({waves}*t))")
    t = np.linspace(0, 2 * math.pi, 100_001)
    slope, curvature = height * waves * np.sin(waves * t), -height * waves**2 * np.cos(waves * t)
    clock = MOST_CHANGE / np.abs(slope**2 + curvature).max()
    assert require_resolved(p, 0.99 * clock) is p
    with pytest.raises(InputError, match=r"density: got .exp.* too rough on circle"):
        require_resolved(p, 1.01 * clock)


@pytest.mark.parametrize("name", ["generator", "evolution", "moving_tokens", "universality"])
def test_a_claim_refuses_it_in_one_line_before_the_work(name):
    module = claims.load(name)
    with pytest.raises(InputError, match="density: got .*too rough on circle") as refused:
        module.Parameters(manifolds=("circle",), density=ROUGH)
    assert len(str(refused.value)) <= MOST_MESSAGE
    assert "\n" not in str(refused.value)
    assert module.Parameters(manifolds=("circle",), density="exp(cos(2*t)/2)")
