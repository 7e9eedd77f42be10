"""`semigroup_rate` refutes planted mistakes, and judges a field whose points are each sample's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulations.attention.normalisations import doubly_normalised
from simulations.experiments.semigroup_rate import samples, sinkhorn
from simulations.store.results import Run
from simulations.tokens import iid_tokens
from simulations.verdict.fields import error_order, field_errors
from simulations.verdict.join import judge_quantities
from theory.claims import semigroup_rate as claim
from theory.predictions.semigroup_rate import predict
from theory.setting.checks import InputError
from theory.setting.pseudo_metrics import GAUSSIAN

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


def test_what_is_looked_at_is_a_to_the_k_h(monkeypatch):
    """Against the definition, with dense matrices; tokens first, then the probes."""
    k, n, d = 3, 150, 2
    u = claim.probe_points(d)[:5]
    found = samples.sample(PARAMETERS, d, u, 0, 1, k, n)
    p = PARAMETERS.density(d)
    tokens = iid_tokens(p, n, np.random.default_rng([PARAMETERS.seed, d, 0, 1]))
    x, eps = tokens.points, PARAMETERS.temperature(k)
    y = p.manifold.embed(found[:, :d])
    kernel, last = (np.exp(-((a[:, None] - x) ** 2).sum(axis=2) / (4 * eps)) for a in (x, y))
    h = np.stack([np.exp(x[:, 0]), 1.0 + (x[:, 0] > claim.CUT)], axis=1)
    for column, keys in ((d, np.ones(n)), (d + 2, 1 / kernel.sum(axis=0))):
        rows, ends = (m * keys / (m @ keys)[:, None] for m in (kernel, last))
        expected = ends @ np.linalg.matrix_power(rows, k - 1) @ h
        np.testing.assert_allclose(found[:, column : column + 2], expected, rtol=1e-10)
    fewest = np.sort(kernel.sum(axis=1))[: claim.KEPT]
    at_kept = np.exp(-((y[claim.KEPT : 2 * claim.KEPT, None] - x) ** 2).sum(axis=2) / (4 * eps))
    np.testing.assert_allclose(at_kept.sum(axis=1), fewest, rtol=1e-10)
    np.testing.assert_allclose(found[: claim.KEPT, :d], tokens.coordinates[: claim.KEPT])


def test_the_tokens_that_are_kept_hold_nearly_the_largest_error_of_all():
    d, level = 3, 1
    k, n = PARAMETERS.sizes(d)[level]
    target = predict(PARAMETERS)[claim.rate(d, claim.DOUBLE, claim.SMOOTH, claim.AT)].target
    shares = []
    for s in range(6):
        p = PARAMETERS.density(d)
        tokens = iid_tokens(p, n, np.random.default_rng([PARAMETERS.seed, d, level, s]))
        operator = doubly_normalised(tokens, GAUSSIAN, PARAMETERS.temperature(k))
        values = np.exp(tokens.points[:, 0])
        for _ in range(k):
            values = operator @ values
        every = np.abs(values - target(tokens.coordinates)).max()
        kept = samples.sample(PARAMETERS, d, np.zeros((0, d)), level, s, k, n)
        shares.append(np.abs(kept[:, d + 2] - target(kept[:, :d])).max() / every)
    assert np.mean(shares) > 0.9


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


def test_the_paired_difference_of_orders_sees_a_stall():
    steps = 1 / np.array([300.0, 1200, 3400])
    rng = np.random.default_rng(1)
    noise = np.exp(rng.normal(size=(3, 9)) / 3)
    errors = noise * steps[:, None] ** 0.3
    same = sinkhorn.difference_of_orders(
        steps, errors * np.exp(rng.normal(size=(3, 9)) / 500), errors
    )
    assert same.contains(0.0) and same.half_width < 0.01
    stalled = sinkhorn.difference_of_orders(steps, noise, errors)
    assert stalled.contains(-0.3) and not stalled.contains(0.0)


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
        ({"n_tokens": 10}, "n_tokens: got 10"),
        ({"n_tokens": 20000}, "n_tokens: got 20000, whose largest sample"),
        ({"n_seeds": 2}, "n_seeds: got 2"),
        ({"seed": -1}, "seed: got -1"),
    ],
)
def test_bad_parameters_are_refused_at_the_door(changed, message):
    with pytest.raises(InputError, match=message):
        claim.Parameters(**changed)
