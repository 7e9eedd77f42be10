"""`long_context` refutes planted mistakes, and finds what it searches for."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulations.attention import AttentionOperator
from simulations.experiments.long_context import critical, participation, weights
from simulations.store.results import Run
from simulations.verdict.rows import judged
from theory.claims import long_context as claim
from theory.predictions.long_context import predict
from theory.setting.checks import InputError

PARAMETERS = claim.Parameters(n_tokens=300, n_queries=64, n_smallest=60, n_levels=3, n_seeds=60)
PREDICTED = predict(PARAMETERS)
RUN = Run(None, quiet=True)


def verdicts(study, d) -> dict[str, str]:
    found = study(PARAMETERS, RUN, d).quantities
    return {
        name: judged(name, PREDICTED[name], number.interval).verdict
        for name, number in found.items()
    }


def test_participation_is_the_sum_of_squared_weights():
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((2, 9, 3))
    a = np.exp(4.0 * x @ y.T)
    a /= a.sum(axis=1, keepdims=True)
    assert participation.participation(x, y, 4.0) == pytest.approx((a**2).sum(axis=1), rel=1e-12)


@pytest.mark.parametrize("d", claim.DIMENSIONS)
def test_nothing_is_refuted_without_a_mistake(d):
    assert "refuted" not in verdicts(weights.weights_of_samples, d).values()
    assert "refuted" not in verdicts(critical.critical_scales, d).values()


def test_a_temperature_that_is_wrong_is_refuted(monkeypatch):
    def hotter(queries, score, temperature, **options):
        return AttentionOperator(queries, score, 1.15 * temperature, **options)

    monkeypatch.setattr(participation, "AttentionOperator", hotter)
    found = verdicts(weights.weights_of_samples, 2)
    assert found[claim.limit(1.0)] == found[claim.averaging(2)] == "refuted"


def test_half_of_the_keys_are_refuted_by_the_critical_scale(monkeypatch):
    whole = critical.participation
    monkeypatch.setattr(critical, "participation", lambda x, y, k: whole(x, y[: len(y) // 2], k))
    found = verdicts(critical.critical_scales, 1)
    # the exponent is the same, the effective neighbours are not
    assert found[claim.critical(1)] == "refuted" and found[claim.exponent(1)] != "refuted"


def test_a_wrong_power_of_the_number_of_keys_is_refuted_by_the_exponent(monkeypatch):
    whole = critical.participation

    def rooted(x, y, scale):
        return whole(x, y, scale / len(y) ** 0.25)

    monkeypatch.setattr(critical, "participation", rooted)
    assert verdicts(critical.critical_scales, 2)[claim.exponent(2)] == "refuted"


def test_the_bisection_and_the_parabola_find_a_half():
    def law(scale):
        return scale / (scale + 100.0)

    place = critical.bisect(law)
    step = np.log(claim.SEARCHED[1] / claim.SEARCHED[0]) / 2**claim.STEPS
    assert abs(place - math.log(100)) < step
    assert critical.crossing(4.5, law(np.exp(4.5) * claim.BESIDE)) == pytest.approx(
        math.log(100), abs=1e-3
    )


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"n_seeds": 10}, "n_seeds: got 10, expected a whole number >= 24"),
        ({"n_levels": 2}, "n_levels: got 2"),
        ({"n_levels": 6, "n_smallest": 1000}, "n_levels: got 6 from n_smallest = 1000, which ends"),
        ({"n_queries": 3}, "n_queries: got 3"),
    ],
)
def test_bad_parameters_are_refused(bad, message):
    with pytest.raises(InputError, match=message):
        claim.Parameters(**bad)
