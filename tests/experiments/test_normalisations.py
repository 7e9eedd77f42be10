"""Measuring normalisations: the parts, and mistakes that verdicts refute."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.integrate import quad

from simulations.attention import AttentionOperator
from simulations.attention.normalisations import doubly_normalised, sinkhorn, top_k
from simulations.experiments.normalisations import (
    crossovers,
    drift,
    identities,
    intervals,
    nearest,
    received,
)
from simulations.statistics.intervals import mean_interval
from simulations.statistics.limits import romberg
from simulations.store.results import Run
from simulations.verdict.fields import order_row
from simulations.verdict.rows import judged
from simulations.verdict.sabotage.mistakes import MISTAKES
from simulations.verdict.sabotage.planting import planted
from theory.claims import normalisations as claim
from theory.normalisations import metric_floor
from theory.predictions import normalisations as predictions
from theory.setting.densities import density
from theory.setting.manifolds import manifold
from theory.setting.references import reference_density

SMALL = claim.Parameters(**claim.SMALL)
QUIET = Run(None, quiet=True)


@pytest.fixture(scope="module")
def predicted():
    return predictions.predict(SMALL)


def limits_on_the_circle(predicted) -> dict[str, str]:
    """Verdicts of the drifts extrapolated on nodes of the circle."""
    found = drift.curve_on_nodes(SMALL, QUIET)
    names = (*SMALL.names(), claim.WINDOW, claim.NEAREST)
    return {
        name: judged(name, predicted[claim.drift_sampled(name)], romberg(found[name][:, 1])).verdict
        for name in names
    }


def test_the_table_holds_on_nodes_and_mistakes_of_it_are_refuted(monkeypatch, predicted):
    assert set(limits_on_the_circle(predicted).values()) == {"supported"}

    def rows_only(tokens, f, temperature):
        return AttentionOperator(tokens, f, temperature)

    def stopped(tokens, f, temperature, tolerance):
        return sinkhorn(tokens, f, temperature, 5)

    def without_weights(tokens, f, temperature, alpha):
        # column sums in which a node counts once, however many tokens it stands for
        columns = AttentionOperator(tokens, f, temperature, weights=np.ones(len(tokens)))
        return AttentionOperator(tokens, f, temperature, key_bias=-alpha * columns.log_partition)

    monkeypatch.setattr(drift, "doubly_normalised", rows_only)
    monkeypatch.setattr(drift, "doubly_stochastic", stopped)
    monkeypatch.setattr(drift, "alpha_normalised", without_weights)
    found = limits_on_the_circle(predicted)
    refuted = {name for name, verdict in found.items() if verdict == "refuted"}
    assert refuted == {claim.DOUBLE, claim.SINKHORN, *map(claim.alpha_name, SMALL.alphas)}


@pytest.mark.parametrize(("d", "k"), [(1, 2), (2, 4), (3, 2)])
def test_a_token_that_is_not_counted_is_refuted_by_the_clock(predicted, d, k):
    p, n = reference_density(*claim.NEAREST_MANIFOLDS[d]), claim.NEAREST_TOKENS * SMALL.n_tokens

    def verdict(counted):
        values = []
        for s in range(8):
            tokens = drift.iid_tokens(p, n, np.random.default_rng([1, s]))
            values.append(n ** (2 / d) * nearest.mean_clock(tokens, k, counted))
        value = predicted[claim.nearest_clock(d, k)]
        return judged("clock", value, mean_interval(values)).verdict

    assert verdict(True) in ("supported", "inconclusive")
    assert verdict(False) == "refuted"


def test_floors_and_rates_refute_softmax_and_another_temperature(monkeypatch, predicted):
    def verdicts():
        found = received.received_attention(SMALL).quantities
        rate = order_row(claim.VANISHING, found[claim.VANISHING], predicted[claim.VANISHING])
        double = found[claim.WORST_FLOOR]
        floor = judged("floor", predicted[claim.WORST_FLOOR], double.interval)
        return rate.verdict, floor.verdict

    assert verdicts() == ("supported", "supported")

    def of_softmax(tokens, f, temperature, *, keys=None):
        return AttentionOperator(tokens, f, temperature, keys=keys)

    def louder(tokens, f, temperature, **options):
        return AttentionOperator(tokens, f, 0.9 * temperature, **options)

    monkeypatch.setattr(received, "doubly_normalised", of_softmax)
    monkeypatch.setattr(received, "AttentionOperator", louder)
    assert verdicts() == ("refuted", "refuted")


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("window open instead of closed", {claim.RING_WINDOW}),
        ("one neighbour fewer in top-k", {claim.RING_NEAREST}),
    ],
)
def test_keys_at_the_edge_are_counted(predicted, name, rows):
    mistake = next(m for m in MISTAKES if m.name == name)

    def verdicts():
        found = nearest.ring_clocks().quantities
        return {row: judged(row, predicted[row], n.interval).verdict for row, n in found.items()}

    assert set(verdicts().values()) == {"supported"}
    with planted(mistake):
        found = verdicts()
    assert {row for row, verdict in found.items() if verdict == "refuted"} == rows


def test_windows_of_the_nodes_are_windows(monkeypatch, predicted):
    """Nodes inside a narrower one than was asked for would not fill it."""
    right = AttentionOperator.__init__

    def narrower(self, *args, window=None, **options):
        right(self, *args, window=window and 0.95 * window, **options)

    def verdict():
        found = drift.curve_on_nodes(SMALL, QUIET)[claim.WINDOW]
        return judged("clock", predicted[claim.clock(claim.WINDOW)], romberg(found[:, 0])).verdict

    assert verdict() == "supported"
    monkeypatch.setattr(AttentionOperator, "__init__", narrower)
    assert verdict() == "refuted"


@pytest.mark.parametrize("factor", [0.99, 1.01])
def test_floors_of_metrics_are_sharp(predicted, factor):
    found = received.received_attention(SMALL).quantities

    def verdict(name, by=1.0):
        value = dataclasses.replace(predicted[name], value=by * predicted[name].value, rivals={})
        return judged(name, value, found[name].interval, found[name].wrong_methods).verdict

    floors = (claim.METRIC_WORST_FLOOR, claim.METRIC_FLOOR)
    assert [verdict(name) for name in floors] == ["supported", "supported"]
    assert verdict(claim.METRIC_WORST_FLOOR, factor) == "refuted"
    # a lower bound that is lower still is true
    assert verdict(claim.METRIC_FLOOR, factor) == ("refuted" if factor > 1 else "supported")


def test_no_symmetric_score_with_a_constant_diagonal_is_below_the_floor_of_metrics():
    rng, n = np.random.default_rng(2), 9
    least = []
    for _ in range(3000):
        scores = rng.exponential(size=(n, n)) ** rng.uniform(0.2, 6) * np.exp(rng.normal(0, 3))
        kernel = np.exp(-(scores + scores.T))
        np.fill_diagonal(kernel, 1.0)
        least.append((kernel / kernel.sum(axis=1, keepdims=True)).sum(axis=0).min())
    assert min(least) > metric_floor(n) > 0.9 * min(least)
    # the diagonal must be the same for all: here f(x, x) = min_y f(x, y), and one key is at 1/N
    kernel = np.array([[1.0, 1e-20], [1e-20, 1e-20]])
    assert (kernel / kernel.sum(axis=1, keepdims=True)).sum(axis=0).min() == pytest.approx(1 / 2)


def test_identities_hold_and_a_wrong_residual_is_refuted(monkeypatch, predicted):
    def verdicts():
        found = identities.exact_identities(SMALL).quantities
        return {
            name: judged(name, predicted[name], number.interval, number.wrong_methods).verdict
            for name, number in found.items()
        }

    assert set(verdicts().values()) == {"supported"}
    wider = 1.01 * SMALL.share
    monkeypatch.setattr(identities, "residual", lambda a, share: drift.residual(a, wider))
    monkeypatch.setattr(
        identities,
        "doubly_normalised",
        lambda x, f, t, *, keys: AttentionOperator(x, f, t, keys=keys),
    )
    found = verdicts()
    refuted = {name for name, verdict in found.items() if verdict == "refuted"}
    assert refuted == {claim.SHARE, claim.KEY_BIASES}


def test_chords_of_mass_hold_the_mass():
    p = density(manifold("circle"), "exp(x/2)")
    u = np.array([[0.2], [3.0]])
    arcs = 2 * np.arcsin(intervals.chords_of_mass(p, u, 0.1) / 2)

    def value(t):
        return p(np.array([[t]]))[0]

    masses = [quad(value, c - r, c + r)[0] for c, r in zip(u[:, 0], arcs, strict=True)]
    assert masses == pytest.approx([0.1, 0.1], rel=1e-9)
    assert arcs[0] < 0.8 * arcs[1]


def test_moved_by_windows_is_the_average_over_the_interval():
    p = density(manifold("circle"), "exp(x/2)")
    u, chord = np.array([[0.7]]), 0.4
    arc = 2 * np.arcsin(chord / 2)

    def mean(f):
        top, bottom = (
            quad(lambda t, g=g: g(t) * np.exp(np.cos(t) / 2), 0.7 - arc, 0.7 + arc)[0]
            for g in (f, lambda t: 1.0)
        )
        return top / bottom

    moved, jumps = intervals.moved_by_windows(p, u, [chord])
    # the first probe feature is cos t
    assert moved[0, 0] == pytest.approx(mean(np.cos) - np.cos(0.7), rel=1e-9)
    assert jumps[0] == pytest.approx(mean(lambda t: 2 - 2 * np.cos(t - 0.7)), rel=1e-9)


def test_top_k_of_the_samples_has_the_share_of_the_design():
    tokens = drift.iid_tokens(reference_density("circle"), 1000, np.random.default_rng(0))
    share = SMALL.shares()[claim.LEVEL_OF_SAMPLES]
    operator = top_k(tokens, round(share * 1000))
    assert np.allclose(operator @ np.ones(1000), 1.0)
    assert doubly_normalised is drift.doubly_normalised


def crossed(predicted) -> dict[str, str]:
    """Verdicts of the rows between two normalisations."""
    found = crossovers.between(SMALL, QUIET).quantities
    return {name: judged(name, predicted[name], n.interval).verdict for name, n in found.items()}


def test_a_sweep_fewer_and_a_forgotten_window_are_refuted(monkeypatch, predicted):
    monkeypatch.setattr(claim, "SWEEPS", (0, *claim.SWEEPS_JUDGED))
    assert set(crossed(predicted).values()) == {"supported"}
    init = AttentionOperator.__init__

    def open_window(self, *arguments, window=None, **options):
        init(self, *arguments, **options)

    def early(tokens, f, temperature, sweeps):
        return sinkhorn(tokens, f, temperature, sweeps - 1)

    monkeypatch.setattr(crossovers, "sinkhorn", early)
    monkeypatch.setattr(AttentionOperator, "__init__", open_window)
    assert set(crossed(predicted).values()) == {"refuted"}


def test_lines_between_two_normalisations_pass_through_the_points(monkeypatch):
    monkeypatch.setattr(claim, "SWEEPS", (0, *claim.SWEEPS_JUDGED))
    monkeypatch.setattr(claim, "BETWEEN_SEEDS", 3)
    arrays = crossovers.between(SMALL, QUIET).arrays
    lines = predictions.lines_between(SMALL)
    for key, x, line, scale in (
        ("swept", claim.SWEEPS, (lines["sweeps"], lines["swept"]), 1.0),
        ("alpha", claim.BETWEEN_ALPHAS, (lines["alphas"], lines["alpha"]), 1.0),
        ("window_clock", claim.WINDOW_RATIOS, (lines["ratios"], lines["windowed"][:, 0]), 6.0),
        ("window_drift", claim.WINDOW_RATIOS, (lines["ratios"], lines["windowed"][:, 1]), 1.0),
    ):
        assert np.allclose(scale * arrays[key][:, 0], np.interp(x, *line), atol=0.01), key
