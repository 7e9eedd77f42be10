"""Responses and shares of heads that are made up: neither the encoder nor its libraries are needed."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.experiments.trained_heads import responses, shares
from simulations.heads import Head
from simulations.heads.nulls import RANDOM, TRAINED
from simulations.statistics.intervals import Interval
from theory import heads as forms
from theory.claims import trained_heads as claim
from theory.setting.checks import InputError


def context(size: float, causal: bool = False):
    rng = np.random.default_rng(5)
    head = Head(*(size * rng.standard_normal((2, 4, 10))), *rng.standard_normal((2, 4)))
    return head.on(rng.standard_normal((11, 10)), causal)


@pytest.mark.parametrize("causal", [False, True])
def test_limits_of_temperature_are_the_forms_of_theory(causal):
    c = context(0.4, causal)
    arguments = (c.queries, c.keys, c.allowed)
    alone = forms.density_alone(c.allowed)
    np.testing.assert_allclose(responses.uniform(c), alone, atol=1e-15)
    right = forms.local(*arguments, c.temperature) - alone
    np.testing.assert_allclose(responses.response(c), right, atol=1e-9)
    np.testing.assert_array_equal(responses.copying(c), forms.transport(*arguments))


def test_exchanged_maps_score_the_transpose():
    c = context(0.4)
    np.testing.assert_allclose(responses.exchanged(c).pseudo_metric, c.pseudo_metric.T)


def test_weak_scores_owe_all_to_the_response_and_strong_ones_to_copying():
    weak, strong = (shares.shares(responses.text_sums(context(size))) for size in (0.02, 50.0))
    assert weak[0] > 0.99 and weak[2] < 0
    assert strong[2] > 0.95 and strong[0] < 0


def found_of(heads: int = 5, texts: int = 30):
    """Sums whose shares are known: the response explains 0.8 of trained heads, 0.9 of random ones."""
    rng = np.random.default_rng(0)
    score = rng.uniform(1, 2, (heads, texts, len(responses.COMPARED), 1))
    left = np.full((len(responses.COMPARED), 3), 0.5)
    left[responses.COMPARED.index(TRAINED)] = 0.2, 1.3, 0.4
    left[responses.COMPARED.index(RANDOM), 0] = 0.1
    sums = np.concatenate([score, score * left], axis=-1)
    empty = np.zeros((heads, 1))
    return dict.fromkeys(("matrix", "matrix_names", "measures", "spread", "place"), empty) | {
        "sums": sums
    }


def test_medians_and_differences_have_the_sides_that_their_names_say():
    numbers = shares.share_numbers(found_of(), claim.Parameters(n_sentences=30)).quantities
    local = numbers[claim.LOCAL]
    assert local.interval.value == pytest.approx(0.8)
    assert local.wrong_methods[claim.EXCHANGED].value == pytest.approx(-0.3)
    assert local.wrong_methods[claim.LEFT].value == pytest.approx(0.2)
    expected = {
        claim.RANDOM_LOCAL: 0.1, claim.SPREAD_LOCAL: 0.3, claim.SHUFFLED_LOCAL: -0.3,
        claim.SPREAD_COPYING: 0.1, claim.SHUFFLED_COPYING: 0.1,
    }  # fmt: skip
    for name, value in expected.items():
        assert numbers[name].interval.value == pytest.approx(value), name


def test_the_other_way_round_is_rejected_only_by_an_interval_beside_zero():
    assert shares.reflected(Interval(0.2, 0.1, 0.3, "b"), 0.0).high == -0.1
    assert shares.reflected(Interval(0.2, -0.1, 0.5, "b"), 0.0).high > 0


@pytest.mark.parametrize(
    ("name", "value"), [("n_sentences", 7), ("n_sentences", 201), ("n_layers", 7), ("n_maps", 0)]
)
def test_bad_parameters_are_refused(name, value):
    with pytest.raises(InputError, match=name):
        claim.Parameters(**{name: value})
