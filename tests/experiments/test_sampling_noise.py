"""Measuring noise, clock and best temperature: the parts, and mistakes that verdicts refute."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.attention import AttentionOperator
from simulations.experiments.sampling_noise import best_temperature, clock, variance
from simulations.store.results import Run
from simulations.tokens import Tokens
from simulations.tokens.samples import samples
from simulations.verdict.rows import judged
from theory.claims import sampling_noise as claim
from theory.claims.sampling_noise import Parameters
from theory.predictions import sampling_noise as predictions
from theory.setting.checks import InputError
from theory.setting.densities import density
from theory.setting.manifolds import manifold

SMALL = Parameters(**claim.SMALL)


def verdicts(study, values, d) -> dict[str, str]:
    """Verdicts of one study in one dimension."""
    measured, predicted = study(SMALL, Run(None, quiet=True), d).quantities, values(SMALL, d)
    return {
        name: judged(name, predicted[name], number.interval, number.wrong_methods).verdict
        for name, number in measured.items()
    }


def planted(**changes):
    """AttentionOperator with its arguments changed."""

    def operator(tokens, pseudo_metric, temperature, **options):
        factor = changes.get("hotter", 1.0)
        options |= {k: v for k, v in changes.items() if k != "hotter" and "keys" not in options}
        return AttentionOperator(tokens, pseudo_metric, factor * temperature, **options)

    return operator


def test_a_temperature_three_per_cent_off_is_refuted_by_the_clock(monkeypatch):
    name = claim.clock(2, 1 / 4, "plain")
    arguments = clock.clocks_of_samples, predictions.clock_values, 2
    assert verdicts(*arguments)[name] == "supported"
    monkeypatch.setattr(clock, "AttentionOperator", planted(hotter=1.03))
    assert verdicts(*arguments)[name] == "refuted"


def test_a_token_that_does_not_see_itself_is_refuted_by_the_clock(monkeypatch):
    monkeypatch.setattr(clock, "AttentionOperator", planted(exclude_self=True))
    found = verdicts(clock.clocks_of_samples, predictions.clock_values, 1)
    assert found[claim.clock(1, 1 / 16, "plain")] == "refuted"


def test_tokens_that_are_not_independent_are_refuted_by_the_noise(monkeypatch):
    arguments = variance.noise_of_samples, predictions.noise_values, 1
    assert "refuted" not in verdicts(*arguments).values()

    def twice(p, n, repeats, rng):
        for drawn in samples(p, n // 2, repeats, rng):
            both = (np.concatenate([a, a]) for a in (drawn.coordinates, drawn.points))
            yield Tokens(p.manifold, *both)

    monkeypatch.setattr(variance, "samples", twice)
    assert verdicts(*arguments)[claim.noise(1)] == "refuted"


def test_weights_of_nodes_that_are_forgotten_are_refuted_by_the_noise(monkeypatch):
    arguments = variance.noise_in_the_limit, predictions.noise_values, 1
    assert set(verdicts(*arguments).values()) == {"supported"}

    def equal(tokens, pseudo_metric, temperature, *, keys):
        weights = np.full(len(keys), 1 / len(keys))
        return AttentionOperator(tokens, pseudo_metric, temperature, keys=keys, weights=weights)

    monkeypatch.setattr(variance, "AttentionOperator", equal)
    assert verdicts(*arguments)[claim.noise_constant(1)] == "refuted"


def test_a_reference_with_the_wrong_clock_is_refuted_by_the_best_temperature(monkeypatch):
    arguments = best_temperature.best_on_nodes, predictions.best_values, 1
    assert set(verdicts(*arguments).values()) == {"supported"}
    right = best_temperature.limit_on_nodes
    monkeypatch.setattr(best_temperature, "limit_on_nodes", lambda v: 1.01 * right(v))
    assert "refuted" in verdicts(*arguments).values()


def test_half_of_the_keys_are_refuted_by_the_best_temperature(monkeypatch):
    arguments = best_temperature.best_of_samples, predictions.best_values, 2
    assert verdicts(*arguments)[claim.best(2)] != "refuted"
    monkeypatch.setattr(best_temperature, "samples", lambda p, n, *rest: samples(p, n // 2, *rest))
    assert verdicts(*arguments)[claim.best(2)] == "refuted"


def test_the_reference_of_the_error_is_measured():
    # harmonics of degree 2 on the circle: L H = -4 H
    p, u = density(manifold("circle")), np.array([[0.3], [2.0]])
    x = p.manifold.embed(u)
    steps = [best_temperature.step_on_nodes(p, x, e)[0] for e in best_temperature.AROUND[::2]]
    limit = best_temperature.limit_on_nodes(steps)
    assert np.allclose(limit, -4 * best_temperature.second_harmonics(x), atol=1e-6)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"n_seeds": 10}, "n_seeds: got 10, expected a whole number >= 20"),
        ({"temperature": 0.0}, "temperature: got 0, expected a number from"),
        ({"n_clock_tokens": 5}, "n_clock_tokens: got 5"),
        ({"n_levels": 8}, "n_levels: got 8 from n_best = 1000, which ends at 16384000 tokens"),
    ],
)
def test_bad_parameters_are_refused(bad, message):
    with pytest.raises(InputError, match=message):
        Parameters(**bad)


def test_the_clock_temperatures_have_the_declared_number_of_neighbours():
    for d in claim.DIMENSIONS:
        p, eps = SMALL.uniform(d), SMALL.clock_temperature(d, 1 / 8)
        middle = np.array([[(a.low + a.high) / 2 for a in p.manifold.axes]])
        neighbours = SMALL.n_clock_tokens * p(middle)[0] * (4 * np.pi * eps) ** (d / 2)
        assert neighbours == pytest.approx(8)
