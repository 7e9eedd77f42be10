"""Measuring where the theory holds: the search, and mistakes that verdicts refute."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.attention import AttentionOperator
from simulations.experiments.regime import borders, error_map, many_steps, samples, tokens_needed
from simulations.experiments.regime.tokens_needed import Aim
from simulations.store.results import Run
from simulations.verdict.rows import judged
from theory.claims import regime as claim
from theory.predictions import regime as predictions
from theory.setting.checks import InputError

SMALL = claim.Parameters(**claim.SMALL)
RUN = Run(None, quiet=True)
SIZES = [400, 2000, 10_000, 50_000, 250_000]


def law(sizes, temperatures):
    """Mean squares whose least is (N/100)^(-1/2) at eps = N^(-1/4): error (N/100)^(-1/4)."""
    n, eps = np.meshgrid(np.asarray(sizes, float), temperatures, indexing="ij")
    x = eps * n**0.25
    return (n / 100) ** -0.5 * (x**2 + x**-2) / 2


def verdict(name, number, values) -> str:
    return judged(name, values[name], number.interval).verdict


def errors_of(d, parameters=SMALL):
    rate = borders.borders_on_nodes(RUN, parameters, d)[0]
    return rate, error_map.map_of_errors(parameters, RUN, d, rate)


def test_the_search_aims_at_the_crossing_of_a_power_law():
    at = tokens_needed.aim(SIZES, law(SIZES, claim.TEMPERATURES), 0.2)
    # (N/100)^(-1/4) = 0.2 at N = 62500, where the best temperature is N^(-1/4)
    assert at.sizes[0] < 62_500 < at.sizes[1]
    assert at.temperatures[1] < 62_500**-0.25 < at.temperatures[3]
    # a straight law, but for what the few temperatures of the map miss
    assert at.bend < 0.1


def test_the_crossing_of_a_power_law_is_exact_and_a_bend_widens_it():
    temperatures = 62_500**-0.25 * claim.NEAR
    straight = Aim((50_000, 90_000), temperatures, 0.0)
    mean = law(straight.sizes, temperatures)
    log_n, off = tokens_needed.crossing(straight, mean, 0.2)
    assert log_n == pytest.approx(np.log(62_500), abs=2e-3) and off == 0.0
    bent = Aim(straight.sizes, temperatures, 0.1)
    expected = 0.05 * np.log(62_500 / 50_000) * np.log(90_000 / 62_500) / 0.25
    assert tokens_needed.crossing(bent, mean, 0.2)[1] == pytest.approx(expected, rel=0.05)


def test_the_exponent_of_a_power_law_is_found_whatever_scatters():
    rng, levels = np.random.default_rng(3), (0.2, 0.1)
    aims = [tokens_needed.aim(SIZES, law(SIZES, claim.TEMPERATURES), level) for level in levels]
    means = np.array([law(at.sizes, at.temperatures) for at in aims])
    scattered = means * rng.gamma(20.0, 1 / 20, (200, len(levels), 2, 1))
    found = tokens_needed.needed_quantities(levels, aims, scattered, 2).quantities
    exponent = found[claim.exponent(2)].interval
    assert exponent.contains(4.0) and not exponent.contains(3.5) and not exponent.contains(4.5)
    assert found[claim.needed(2, 0.2)].interval.contains(62_500)


def test_half_of_the_keys_are_refuted_by_the_tokens_needed(monkeypatch):
    rate, errors = errors_of(2)
    values, name = predictions.needed_values(2), claim.needed(2, 0.2)
    monkeypatch.setattr(claim, "ERRORS", (0.25, 0.2))

    def found():
        return tokens_needed.tokens_for_errors(SMALL, RUN, 2, rate, errors).quantities[name]

    assert verdict(name, found(), values) != "refuted"
    drawn = tokens_needed.samples
    monkeypatch.setattr(tokens_needed, "samples", lambda p, n, *rest: drawn(p, n // 2, *rest))
    assert verdict(name, found(), values) == "refuted"


def planted(**changes):
    """AttentionOperator with its arguments changed."""

    def operator(queries, pseudo_metric, temperature, *, keys):
        factor, weights = changes.get("hotter", 1.0), np.ones(len(keys))
        # the queries are the first of the keys
        weights[: changes.get("unseen", 0)] = 1e-30
        return AttentionOperator(
            queries, pseudo_metric, factor * temperature, keys=keys, weights=weights
        )

    return operator


@pytest.mark.parametrize(
    ("place", "change"), [("bias", {"hotter": 1.03}), ("copying", {"unseen": 16})]
)
def test_a_step_that_is_wrong_is_refuted_by_a_cell(place, change, monkeypatch):
    few = claim.Parameters(**claim.SMALL | {"n_smallest": 40, "n_levels": 4, "n_queries": 8})
    values, name = predictions.cell_values(few, 1), claim.cell(1, place)
    rate, errors = errors_of(1, few)
    assert verdict(name, error_map.cells(few, errors, 1).quantities[name], values) != "refuted"
    monkeypatch.setattr(samples, "AttentionOperator", planted(**change))
    errors = error_map.map_of_errors(few, RUN, 1, rate)
    assert verdict(name, error_map.cells(few, errors, 1).quantities[name], values) == "refuted"


def few_tokens(monkeypatch):
    """Cells and a map of steps that take a second."""
    cells = {place: {1: (steps, 400)} for place, steps in ((claim.FEW, 2), (claim.MANY, 4))}
    monkeypatch.setattr(claim, "STEP_CELLS", cells)
    monkeypatch.setattr(claim, "STEP_MAP_SAMPLES", 0)
    return predictions.step_values(1)


def found_steps():
    return many_steps.step_cells(SMALL, RUN, 1, -4.0, np.ones((1, 1))).quantities


def test_many_steps_among_the_same_tokens_are_as_predicted(monkeypatch):
    values = few_tokens(monkeypatch)
    for name, number in found_steps().items():
        assert verdict(name, number, values) != "refuted"


def test_fresh_tokens_at_every_step_are_refuted(monkeypatch):
    values, rng = few_tokens(monkeypatch), np.random.default_rng(5)

    class Fresh:
        """Attends to tokens of its own at every step, to which the features are carried on."""

        def __init__(self, tokens, pseudo_metric, temperature):
            self.tokens, self.arguments = tokens, (pseudo_metric, temperature)
            self.factor = 1.0

        def __matmul__(self, features):
            t = 2 * np.pi * rng.random(len(self.tokens))
            drawn = np.stack([np.cos(t), np.sin(t)], axis=1)
            # uniform circle: the exact features on the fresh tokens, plus no noise of earlier steps
            h = many_steps.second_harmonics(drawn) * self.factor
            operator = AttentionOperator(self.tokens.points, *self.arguments, keys=drawn)
            out = operator @ h
            start = many_steps.second_harmonics(self.tokens.points)
            self.factor = (out * start).sum() / (start**2).sum()
            return out

    monkeypatch.setattr(many_steps, "AttentionOperator", Fresh)
    name = claim.step_cell(1, claim.MANY)
    assert verdict(name, found_steps()[name], values) == "refuted"


def test_one_step_too_many_is_refuted(monkeypatch):
    values, name = few_tokens(monkeypatch), claim.step_cell(1, claim.FEW)
    right = many_steps.squared_error

    def wrong(tokens, steps, rate):
        monkeypatch.setattr(claim, "TIME", 0.16 * (steps + 1) / steps)
        found = right(tokens, steps + 1, rate * steps / (steps + 1))
        monkeypatch.setattr(claim, "TIME", 0.16)
        return found

    monkeypatch.setattr(many_steps, "squared_error", wrong)
    assert verdict(name, found_steps()[name], values) == "refuted"


def test_halves_take_the_second_order_away(monkeypatch):
    monkeypatch.setattr(
        many_steps, "squared_error", lambda tokens, *_: 1 + 3 / len(tokens) + 5 / len(tokens) ** 2
    )
    tokens = next(many_steps.samples(SMALL.density(1), 100, 1, np.random.default_rng(0)))
    assert many_steps.halved(tokens, 1, -4.0) == pytest.approx(1 + 3 / 150)


def test_weights_of_nodes_that_are_forgotten_are_refuted_by_the_borders(monkeypatch):
    values = predictions.border_values(2) | predictions.step_values(2)
    found = borders.borders_on_nodes(RUN, SMALL, 2)[1].quantities
    assert {verdict(name, number, values) for name, number in found.items()} == {"supported"}

    def equal(queries, pseudo_metric, temperature, *, keys):
        weights = np.full(len(keys), 1 / len(keys))
        return AttentionOperator(queries, pseudo_metric, temperature, keys=keys, weights=weights)

    monkeypatch.setattr(borders, "AttentionOperator", equal)
    found = borders.borders_on_nodes(RUN, SMALL, 2)[1].quantities
    assert "refuted" in {verdict(name, number, values) for name, number in found.items()}


@pytest.mark.parametrize("d", claim.DIMENSIONS)
def test_the_rate_is_measured(d):
    # harmonics of degree 2: L H = -2 (d + 1) H
    assert borders.borders_on_nodes(RUN, SMALL, d)[0] == pytest.approx(-2 * (d + 1), rel=1e-4)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"n_seeds": 10}, "n_seeds: got 10, expected a whole number >= 20"),
        ({"n_levels": 3}, "n_levels: got 3"),
        ({"n_levels": 8, "n_smallest": 100}, "n_levels: got 8 from n_smallest = 100, which ends"),
    ],
)
def test_bad_parameters_are_refused(bad, message):
    with pytest.raises(InputError, match=message):
        claim.Parameters(**bad)
