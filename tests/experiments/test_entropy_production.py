"""`entropy_production` refutes planted mistakes, study by study."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.experiments.entropy_production.chains import reversible_chains
from simulations.experiments.entropy_production.limit import limits
from simulations.experiments.entropy_production.one_sided import ring_masks
from simulations.experiments.entropy_production.relaxing import (
    dirichlet_form,
    produced,
    relative_entropy,
    relaxing_chains,
)
from simulations.observables.entropy import entropy_production, stationary_measure
from simulations.store.results import Run
from simulations.verdict.join import judge_quantities
from simulations.verdict.sabotage.mistakes import MISTAKES
from simulations.verdict.sabotage.planting import planted
from theory.claims import entropy_production as claim
from theory.predictions import Value
from theory.predictions.entropy_production import CLOCK, FINER, of_case, relaxing, state_of
from theory.setting.checks import InputError

CURVE = "ellipse(a=1.5)"
PARAMETERS = claim.Parameters(manifolds=(CURVE,), n_levels=5)
RUN = Run(None, True)


def mistake(name):
    return next(m for m in MISTAKES if m.name == name)


def refuted_limits() -> set[str]:
    case = PARAMETERS.cases()[0]
    rows = judge_quantities(limits(case, RUN).quantities, of_case(case, state_of(case)))
    return {row.quantity for row in rows if row.verdict == "refuted"}


def identities(value: float, quantities):
    predicted = {name: Value(value, kind="identity") for name in quantities}
    return {r.quantity: r.verdict for r in judge_quantities(quantities, predicted)}


def test_limits_stand_without_a_mistake():
    assert refuted_limits() == set()


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("temperature 3 % off", claim.rate_limit(CURVE)),
        ("temperature 3 % off", claim.driven_current(CURVE)),
        ("transposed W", claim.rate_limit(CURVE)),
        ("drift 1.96: a key bias of -0.02 log deg", claim.driven_current(CURVE)),
    ],
)
def test_planted_mistakes_are_refuted(name, row):
    with planted(mistake(name)):
        assert row in refuted_limits()


def test_a_transposed_operator_breaks_the_identity():
    right = identities(0.0, reversible_chains(PARAMETERS, RUN).quantities)
    assert set(right.values()) == {"supported"}
    with planted(mistake("transposed W")):
        wrong = identities(0.0, reversible_chains(PARAMETERS, RUN).quantities)
    assert wrong[claim.HEAD_IDENTITY] == "refuted"


def test_one_sided_masks():
    verdicts = identities(1.0, ring_masks(PARAMETERS))
    assert set(verdicts.values()) == {"supported"}


def test_an_order_that_still_drifts_is_not_refuted():
    """On a long ellipse the current is far from its limit at these temperatures."""
    long = claim.Parameters(manifolds=("sphere", "ellipse(a=3)"), n_levels=5)
    case = long.cases()[1]
    rows = judge_quantities(limits(case, RUN).quantities, of_case(case, state_of(case)))
    assert "refuted" not in {row.verdict for row in rows}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"torque": 0.0}, "torque: got 0"),
        ({"manifolds": ()}, "manifold: got none"),
        ({"manifolds": ("flat_torus(dim=3)",)}, "manifolds: got flat_torus"),
        ({"manifolds": ("interval",)}, "manifold: got interval"),
        ({"n_levels": 12}, "temperature: got"),
    ],
)
def test_bad_parameters_are_refused_at_the_door(changed, message):
    with pytest.raises(InputError, match=message):
        claim.Parameters(**changed)


def test_observables_of_a_chain_that_relaxes():
    rng = np.random.default_rng(0)
    matrix, measure, h = rng.random((6, 6)), rng.random(6), rng.random(6)
    matrix, measure = matrix / matrix.sum(axis=1, keepdims=True), measure / measure.sum()
    law = stationary_measure(matrix)
    squares = (h[:, None] - h) ** 2
    assert dirichlet_form(matrix, law, h) == pytest.approx((law @ (matrix * squares)).sum() / 2)
    assert produced(matrix, law) == pytest.approx(entropy_production(matrix, law))
    assert relative_entropy(law, law) == pytest.approx(0, abs=1e-15)
    # what a step produces is at least what the measure loses
    lost = relative_entropy(measure, law) - relative_entropy(measure @ matrix, law)
    assert produced(matrix, measure) > lost > 0


def relaxed_and_predicted(measured, ending=""):
    """Largest misses of the three observables of both scores, over their largest values."""
    lines, misses = relaxing(PARAMETERS), []
    for name in ("S", "B"):
        line = lines[f"relaxing_{name}{ending}"][:, ::FINER] * [[1.0], [CLOCK], [CLOCK]]
        off = np.abs(measured[f"relaxing_{name}"] - line).max(axis=1)
        misses.append(off / line.max(axis=1))
    return np.array(misses)


def test_chains_relax_as_predicted_and_not_with_half_the_drift():
    measured = relaxing_chains(PARAMETERS, RUN)
    assert relaxed_and_predicted(measured).max() < 0.03
    assert relaxed_and_predicted(measured, "_drift_1").min() > 0.05
    # in the end the score with a rotation produces entropy at a steady rate, the other none
    steady = CLOCK * state_of(PARAMETERS.relaxing_cases()["B"]).entropy_rate
    (first, last), turning = measured["relaxing_S"][2, [0, -1]], measured["relaxing_B"][2, -1]
    assert last < 0.1 * first and turning == pytest.approx(steady, rel=0.1)
