"""`transport` refutes planted mistakes, and judges only terms that are there."""

from __future__ import annotations

import pytest

from simulations.experiments.transport import measure
from simulations.store.results import Run
from simulations.verdict.join import judge_quantities
from simulations.verdict.sabotage.mistakes import MISTAKES
from simulations.verdict.sabotage.planting import planted
from theory.claims import transport as claim
from theory.predictions.transport import predict
from theory.setting.checks import InputError

PARAMETERS = claim.Parameters(
    manifold="ellipse", score="-2*y1 - x1*y2 + sin(y2 - x1)/5", n_levels=4, n_tokens=600, n_seeds=8
)


def rows(parameters=PARAMETERS) -> dict[str, str]:
    quantities = measure(parameters, Run(None, True)).quantities
    return {r.quantity: r.verdict for r in judge_quantities(quantities, predict(parameters))}


def refuted() -> set[str]:
    return {quantity for quantity, verdict in rows().items() if verdict == "refuted"}


def test_nothing_is_refuted_without_a_mistake():
    assert refuted() == set()


@pytest.mark.parametrize(
    ("name", "row"), [("transposed W", claim.MAP), ("temperature 3 % off", claim.DIFFUSION)]
)
def test_planted_mistakes_are_refuted(name, row):
    with planted(next(m for m in MISTAKES if m.name == name)):
        assert row in refuted()


def test_terms_that_vanish_make_no_row():
    """Cosines have no third derivative at their minimum, uniform tokens no drift."""
    flat = claim.Parameters(
        manifold="circle", score="-2*y1 - x1*y2", density="uniform", n_levels=4, n_tokens=400,
        n_seeds=6,
    )  # fmt: skip
    found = rows(flat)
    assert claim.DRIFT not in found and claim.DIFFUSION in found
    assert claim.skew_term("circle") not in found
    assert "refuted" not in found.values()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"manifold": "sphere"}, "manifold: got sphere"),
        ({"score": "y1**2"}, "several deepest minima"),
        ({"score": "x1*z9"}, "score: .* unknown name"),
        ({"temperature": 1e-5}, "temperature: got 1e-05"),
        ({"n_levels": 12}, "temperature: got"),
    ],
)
def test_bad_parameters_are_refused_at_the_door(changed, message):
    with pytest.raises(InputError, match=message):
        claim.Parameters(**changed)
