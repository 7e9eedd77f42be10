"""`equal_cosines` refutes planted mistakes; its closed form is that of a plain softmax."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from simulations.attention import AttentionOperator
from simulations.experiments.equal_cosines import few_tokens, many_tokens, measure, step
from simulations.store.results import Run
from simulations.verdict.join import judge_quantities
from simulations.verdict.sabotage.mistakes import MISTAKES
from simulations.verdict.sabotage.planting import planted
from theory import equal_cosines as formulas
from theory.claims import equal_cosines as claim
from theory.predictions.equal_cosines import predict
from theory.setting.checks import InputError
from theory.setting.pseudo_metrics import dot_product

PARAMETERS = claim.Parameters(n_levels=5)


@pytest.fixture(autouse=True)
def no_curves(monkeypatch):
    monkeypatch.setattr(claim, "DRAWN", np.array([1.0]))


def verdicts() -> dict[str, str]:
    found = measure(PARAMETERS, Run(None, True)).quantities
    return {row.quantity: row.verdict for row in judge_quantities(found, predict(PARAMETERS))}


def test_nothing_is_refuted_without_a_mistake():
    assert "refuted" not in verdicts().values()


def test_a_wrong_temperature_is_refuted():
    with planted(next(m for m in MISTAKES if m.name == "temperature 3 % off")):
        found = verdicts()
    names = [claim.limit("at"), claim.HALF, *map(claim.at_size, claim.JUDGED)]
    assert [found[name] for name in names] == ["refuted"] * len(names)


def test_tokens_that_do_not_see_themselves_are_refuted(monkeypatch):
    right = step.operator

    def blind(x, gamma, queries=None):
        """The few tokens that are queries are no keys."""
        if queries is None or len(x) <= queries:
            return right(x, gamma)
        seen = np.where(np.arange(len(x)) < queries, -np.inf, 0.0)
        temperature = 1 / (gamma * np.log(len(x)))
        return AttentionOperator(x[:queries], dot_product(), temperature, keys=x, key_bias=seen)

    monkeypatch.setattr(step, "operator", blind)
    found = few_tokens.at_size(PARAMETERS, Run(None, True)).quantities
    rows = judge_quantities(found, {name: predict(PARAMETERS)[name] for name in found})
    refuted = {row.quantity for row in rows if row.verdict == "refuted"}
    assert refuted == set(map(claim.at_size, claim.JUDGED))


@pytest.mark.parametrize("cosine", [0.2, 0.7])
def test_tokens_have_one_cosine(cosine):
    gram = (x := step.equal_tokens(50, cosine, 1)) @ x.T
    assert np.allclose(gram, cosine + (1 - cosine) * np.eye(50), atol=1e-14)
    assert np.abs(x).min() > 0


@pytest.mark.parametrize(("n", "gamma", "cosine"), [(7, 0.8, 0.3), (40, 1.7, 0.5), (3, 4.0, 0.1)])
def test_the_closed_form_is_that_of_the_gram_matrix(n, gamma, cosine):
    gram = cosine + (1 - cosine) * np.eye(n)
    weights = softmax(gamma * np.log(n) * gram, axis=1)
    out = weights @ gram @ weights.T
    found = out[0, 1] / np.sqrt(out[0, 0] * out[1, 1])
    assert formulas.output_cosine(n, gamma, cosine) == pytest.approx(found, abs=1e-13)
    assert formulas.own_weight(n, gamma, cosine) == pytest.approx(weights[0, 0], abs=1e-14)
    assert formulas.own_weight(n, formulas.half_gamma(n, cosine), cosine) == pytest.approx(0.5)


@pytest.mark.parametrize("share", [0.3, 0.6, 1.0, 1.4, 2.5])
def test_limits_and_orders_are_those_of_many_tokens(share):
    gamma, cosine = share / 0.6, 0.4
    limit = formulas.limit_cosine(share, cosine)
    near, far = (abs(formulas.output_cosine(n, gamma, cosine) - limit) for n in (10**11, 10**10))
    if near > 1e-13:
        assert np.log10(far / near) == pytest.approx(formulas.order_of_limit(share), abs=0.01)
    assert near < 1e-3


def test_a_gamma_ten_percent_off_is_refuted(monkeypatch):
    right = step.operator
    monkeypatch.setattr(
        step, "operator", lambda x, gamma, queries=None: right(x, 1.1 * gamma, queries)
    )
    found = many_tokens.limits(PARAMETERS, Run(None, True)).quantities
    name = claim.limit("at")
    rows = judge_quantities({name: found[name]}, {name: predict(PARAMETERS)[name]})
    assert [row.verdict for row in rows] == ["refuted"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"cosine": 0.0}, "cosine: got 0"),
        ({"cosine": 1.0}, "cosine: got 1"),
        ({"n_levels": 4}, "n_levels: got 4"),
        ({"n_levels": 7}, "n_levels: got 7"),
    ],
)
def test_bad_parameters_are_refused_at_the_door(changed, message):
    with pytest.raises(InputError, match=message):
        claim.Parameters(**changed)
