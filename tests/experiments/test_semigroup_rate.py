"""`semigroup_rate` refutes planted mistakes, and judges a field whose points are each sample's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulations.experiments.semigroup_rate import samples, sinkhorn
from simulations.store.results import Run
from simulations.tokens import iid_tokens
from simulations.verdict.fields import error_order, field_errors
from simulations.verdict.join import judge_quantities
from theory.claims import semigroup_rate as claim
from theory.predictions.semigroup_rate import predict
from theory.setting.checks import InputError

PARAMETERS = claim.Parameters(n_tokens=300, n_seeds=6)


@pytest.fixture(scope="module")
def measured():
    return samples.features_of_samples(PARAMETERS, 3, Run(None, True)).quantities


def verdicts(quantities, **changed):
    """Verdict of each quantity; changed: of the predictions."""
    predicted = {
        q: replace(p, **changed) for q, p in predict(PARAMETERS).items() if q in quantities
    }
    return {row.quantity: row.verdict for row in judge_quantities(quantities, predicted)}


def test_all_rates_are_at_least_the_bound(measured):
    assert len(measured) == 8 and set(verdicts(measured).values()) == {"supported"}


def test_a_faster_rate_than_the_measured_one_is_refuted(measured):
    assert set(verdicts(measured, order=1.0).values()) == {"refuted"}


def test_attentions_that_are_exchanged_are_refuted(measured, monkeypatch):
    softmax, double = (
        {q: f for q, f in measured.items() if f": {attention}, " in q}
        for attention in claim.ATTENTIONS
    )
    exchanged = dict(zip(softmax, double.values(), strict=True))
    exchanged |= dict(zip(double, softmax.values(), strict=True))
    assert set(verdicts(exchanged).values()) == {"refuted"}


def test_a_clock_that_is_off_is_refuted(monkeypatch):
    """Attention at a temperature that stands for twice the time."""
    monkeypatch.setattr(claim.Parameters, "temperature", lambda self, k: 2 * self.time / k)
    found = samples.features_of_samples(PARAMETERS, 3, Run(None, True)).quantities
    off = {q: f for q, f in found.items() if claim.SMOOTH in q and claim.OFF in q}
    assert set(verdicts(off).values()) == {"refuted"}


def by_definition(d, s, k, n, u):
    """Heights (n + m,) of tokens and probes, and A^k H there with dense matrices, (n + m, 4)."""
    p, eps = PARAMETERS.density(d), PARAMETERS.temperature(k)
    x = iid_tokens(p, n, np.random.default_rng([PARAMETERS.seed, d, 0, s])).points
    y = np.concatenate([x, p.manifold.embed(u)])
    kernel, last = (np.exp(-((a[:, None] - x) ** 2).sum(axis=2) / (4 * eps)) for a in (x, y))
    h, found = np.stack([2 + np.exp(x[:, 0]), 3.0 + (x[:, 0] > claim.CUT)], axis=1), []
    for keys in (np.ones(n), 1 / kernel.sum(axis=0)):
        rows, ends = (m * keys / (m @ keys)[:, None] for m in (kernel, last))
        found.append(ends @ np.linalg.matrix_power(rows, k - 1) @ h)
    return y[:, 0], np.concatenate(found, axis=1)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_the_largest_error_of_what_is_kept_is_that_of_all_tokens(d):
    """Against the definition of attention, and against every target."""
    k, n, u = 4, 800, claim.probe_points(d)[:5]
    found = samples.sample(PARAMETERS, d, u, 0, 1, k, n)
    heights, values = by_definition(d, 1, k, n, u)
    columns = [(a, h) for a in claim.ATTENTIONS for h in claim.FEATURES]
    for column, (attention, features) in enumerate(columns):
        t, kept = found[:, column].T
        np.testing.assert_allclose(kept[-5:], values[-5:, column], rtol=1e-10)
        np.testing.assert_allclose(t[-5:], heights[-5:])
        prediction = predict(PARAMETERS)[claim.rate(d, attention, features, claim.AT)]
        for target in (prediction.target, *prediction.rivals.values()):
            every = np.abs(values[:n, column] - target(heights[:n, None])).max()
            some = np.abs(kept[:-5] - target(t[:-5, None])).max()
            assert some == pytest.approx(every, rel=0.01)


def test_errors_of_carried_points_are_those_at_fixed_points():
    rng = np.random.default_rng(3)
    u, noise = rng.random((7, 2)), rng.normal(size=(3, 4, 7, 1))
    target = lambda v: v[:, 0] - v[:, 1] ** 2  # noqa: E731
    steps = 1 / np.array([10.0, 20, 40])
    values = target(u)[:, None] + noise * steps[:, None, None, None]
    fixed = samples.Field(values, u, samples.equal(7), steps)
    points = np.broadcast_to(u, (3, 4, 7, 2))
    carried = samples.Field(
        np.concatenate([points, values], axis=3), np.zeros((7, 2)), samples.equal(7), steps
    )
    for norm in ("sup", "l2"):
        one = field_errors(fixed, fixed.values, target, norm)
        np.testing.assert_allclose(field_errors(carried, carried.values, target, norm, 2), one)
        order = error_order(carried, carried.values, target, norm, 2)
        assert order.contains(1.0) and order.value == pytest.approx(
            error_order(fixed, values, target, norm).value
        )


def test_a_stop_that_is_too_early_or_no_stop_at_all_is_seen(monkeypatch):
    """Of the difference to the late stop: none at all, and one as large as the error."""
    few = claim.Parameters(n_tokens=300, n_seeds=4)

    def row():
        found = sinkhorn.sinkhorn_stopped(few, Run(None, True)).quantities[claim.APART]
        return judge_quantities({claim.APART: found}, {claim.APART: predict(few)[claim.APART]})[0]

    right = row()
    assert right.verdict == "supported" and right.rivals[sinkhorn.ONE_SWEEP].rejected
    monkeypatch.setattr(claim, "STOPPED", 1e9)
    assert row().verdict == "refuted"
    monkeypatch.setattr(claim, "STOPPED", 1e-11)
    assert row().verdict == "inconclusive"


def test_the_measured_limit_of_sinkhorn_is_that_of_drift_one():
    u = claim.probe_points(1)
    target = predict(PARAMETERS)[claim.sinkhorn_rate(claim.STOPPED, claim.SMOOTH)].target
    found = sinkhorn.limit_on_nodes(PARAMETERS, u)
    np.testing.assert_allclose(found, target(u), rtol=1e-4)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"tilt": 0.0}, "tilt: got 0"),
        ({"time": 2.0}, "time: got 2"),
        ({"n_tokens": 100}, "n_tokens: got 100"),
        ({"n_tokens": 20000}, "n_tokens: got 20000, whose largest sample"),
        ({"n_seeds": 2}, "n_seeds: got 2"),
        ({"seed": -1}, "seed: got -1"),
    ],
)
def test_bad_parameters_are_refused_at_the_door(changed, message):
    with pytest.raises(InputError, match=message):
        claim.Parameters(**changed)
