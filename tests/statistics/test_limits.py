"""Limits along halving steps: Romberg's interval covers, and no bias is hidden in it."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.statistics.limits import (
    richardson,
    romberg,
    romberg_value,
    seen_by_samples,
    size_limit,
)
from theory.setting.checks import InputError

H = 0.1 / 2.0 ** np.arange(5)


def test_romberg_finds_the_limit_and_says_how_well():
    values = 2.0 + 3 * H - 5 * H**2 + H**3
    assert abs(romberg(values).value - 2.0) < 1e-12
    rough = romberg(2.0 + 3 * H**1.5)
    assert rough.low < 2.0 < rough.high
    assert not romberg(2.2 + 3 * H).contains(2.0)


def random_series(n_levels, n=20_000):
    """Power series in h with limit 2, at steps that halve, (n, levels)."""
    rng, power, h = np.random.default_rng(3), np.arange(1, 13), 0.5 ** np.arange(n_levels)
    return [2.0 + h[:, None] ** power @ (rng.standard_normal(12) * 0.6**power) for _ in range(n)]


@pytest.mark.parametrize(("n_levels", "said"), [(3, 0.995), (4, 0.999), (5, 0.999), (6, 0.999)])
def test_romberg_covers_random_power_series_as_often_as_the_docs_say(n_levels, said):
    series = random_series(n_levels)
    share = np.mean([romberg(values).contains(2.0) for values in series])
    if n_levels == 3:
        assert abs(share - said) < 4 * np.sqrt(said * (1 - said) / len(series))
    else:
        assert share >= said
    # the last move alone would not
    values = np.array([romberg_value(v) for v in series])
    moves = np.abs(values - [romberg_value(v[:-1]) for v in series])
    assert 0.94 < np.mean(np.abs(values - 2) <= moves) < said


@pytest.mark.parametrize(("n_levels", "factor"), [(3, 12), (4, 45), (5, 180)])
def test_how_much_wider_romberg_is_than_it_errs(n_levels, factor):
    """The move of a level is the error of the one before: about 2^levels times that of the last."""
    found = [romberg(values) for values in random_series(n_levels)]
    errors = np.median([abs(i.value - 2) for i in found])
    assert 0.8 * factor * errors < np.median([i.half_width for i in found]) < factor * errors


def test_a_constant_is_known_to_rounding_not_exactly():
    assert 0 < romberg([2.0, 2.0, 2.0]).half_width < 1e-13


def test_richardson_with_its_order():
    assert richardson(1 + 0.2, 1 + 0.1) == pytest.approx(1.0)
    assert richardson(1 + 0.4, 1 + 0.1, order=2) == pytest.approx(1.0)


def test_samples_see_the_limit_or_what_they_add_to_it():
    rng, nodes = np.random.default_rng(0), 2.0 + 3 * H - H**2
    noise = 0.02 * rng.standard_normal(40)
    assert seen_by_samples(nodes, noise).contains(2.0)
    # a shift that samples have and nodes have not is part of what is measured
    assert not seen_by_samples(nodes, noise + 0.05).contains(2.0)
    width = seen_by_samples(nodes, noise).half_width
    assert width > romberg(nodes).half_width


def test_a_bias_in_the_number_of_tokens_is_measured_away():
    rng, sizes = np.random.default_rng(0), np.array([125, 250, 500, 1000])
    values = 2.0 + 30 / sizes[:, None] + 0.01 * rng.standard_normal((4, 50))
    assert size_limit(values).contains(2.0)
    assert not size_limit(values).contains(values[-1].mean())


def test_too_few_levels_are_refused():
    with pytest.raises(InputError, match="number of levels: got 2"):
        romberg([1.0, 2.0])
