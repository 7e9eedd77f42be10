"""`local_attention` refutes planted mistakes, and refuses what it says nothing about."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.experiments.local_attention import measure
from simulations.experiments.local_attention.edge import window_edge
from simulations.store.results import Run
from simulations.verdict.join import judge_quantities
from simulations.verdict.sabotage.mistakes import MISTAKES
from simulations.verdict.sabotage.planting import planted
from theory.claims import local_attention as claim
from theory.predictions.local_attention import predict
from theory.predictions.local_attention import window_edge as predicted_edge
from theory.setting.checks import InputError

CURVE = "ellipse(a=1.5)"
PARAMETERS = claim.Parameters(
    manifolds=(CURVE,), scores=("dot product",), n_levels=4, n_tokens=1000, n_seeds=8
)


def refuted() -> set[str]:
    quantities = measure(PARAMETERS, Run(None, True)).quantities
    rows = judge_quantities(quantities, predict(PARAMETERS))
    return {row.quantity for row in rows if row.verdict == "refuted"}


def mistake(name):
    return next(m for m in MISTAKES if m.name == name)


def test_nothing_is_refuted_without_a_mistake():
    assert refuted() == set()


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("temperature 3 % off", claim.force_limit(CURVE)),
        ("temperature 3 % off", claim.force_sampled(CURVE)),
        ("drift 1.96: a key bias of -0.02 log deg", claim.drift_sampled(CURVE)),
        ("transposed W", claim.force_limit(CURVE)),
    ],
)
def test_planted_mistakes_are_refuted(name, row):
    with planted(mistake(name)):
        assert row in refuted()


def test_an_open_window_is_refuted_by_its_edge():
    right = {r.quantity: r.verdict for r in judge_quantities(window_edge(), predicted_edge())}
    assert set(right.values()) == {"supported"}
    with planted(mistake("window open instead of closed")):
        rows = judge_quantities(window_edge(), predicted_edge())
    assert {r.verdict for r in rows} == {"refuted"}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"radius": 1.5}, "radius: got 1.5 on sphere"),
        ({"radius": -1.0}, "radius: got -1"),
        ({"scores": ("dot product",)}, "scores: got 1 for 2 manifolds"),
        ({"density": "uniform"}, "density: got a uniform one"),
        ({"manifolds": ("circle",), "scores": ("(x1 - y1)**2",)}, "scores: got"),
        ({"manifolds": ("interval",), "scores": ("x1*y1",)}, "manifold: got interval"),
        ({"manifolds": ("sphere3",), "scores": ("dot product",)}, "sphere3"),
    ],
)
def test_bad_parameters_are_refused_at_the_door(changed, message):
    with pytest.raises(InputError, match=message.replace("(", r"\(")):
        claim.Parameters(**changed)


def test_probes_lie_in_the_box():
    case = claim.Parameters().cases()[0]
    low, high = np.array(case.box).T
    assert ((low <= case.probes) & (case.probes <= high)).all()
