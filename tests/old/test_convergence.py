"""Orders of convergence: a published table, extrapolation to the limit, intervals, and what must be refused."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.statistics.orders import (
    convergence_test,
    fitted_order,
    l2_norm,
    limit_order,
    observed_orders,
    order_table,
    romberg,
    seed_order,
    sup_norm,
)  # fmt: skip
from theory.setting.checks import InputError

H = 0.1 / 2.0 ** np.arange(5)


def test_orders_of_a_published_table():
    orders = observed_orders([1, 0.5, 0.25, 0.125], [9.14e-6, 5.69e-7, 3.55e-8, 2.22e-9])
    assert np.allclose(orders, [4.01, 4.00, 4.00], atol=0.005)


def test_limit_order_sees_through_the_preasymptotic_part():
    errors = np.array([a * H * (1 + b * H) for a, b in ((1.0, 2.0), (2.0, -1.5), (0.5, 3.0))])
    order = limit_order(H, errors)
    assert order.contains(1.0) and order.high - order.low < 0.05
    assert not limit_order(H, errors * H**0.1).contains(1.0)
    assert abs(fitted_order(H, errors[0]) - 1.0) > 0.02


def test_romberg_finds_the_limit_and_says_how_well():
    values = 2.0 + 3 * H - 5 * H**2 + H**3
    assert abs(romberg(values).value - 2.0) < 1e-12
    rough = romberg(2.0 + 3 * H**1.5)
    assert rough.low < 2.0 < rough.high
    assert not romberg(2.2 + 3 * H).contains(2.0)


def _covered(n_levels, contains):
    """Share of random power series in h whose limit, 2, is covered."""
    rng, power, h = np.random.default_rng(3), np.arange(1, 13), 0.5 ** np.arange(n_levels)
    return np.mean([contains(2.0 + h[:, None] ** power @ (rng.standard_normal(12) * 0.6**power)) for _ in range(2000)])


@pytest.mark.parametrize("n_levels", [3, 4, 5])
def test_romberg_covers_as_often_as_it_says(n_levels):
    def one_move(values):
        return abs(romberg(values).value - 2) <= abs(romberg(values).value - _without_finest(values))

    assert _covered(n_levels, lambda values: romberg(values).contains(2.0)) > 0.993
    assert _covered(n_levels, one_move) < 0.993


def _without_finest(values):
    return romberg(values[:-1]).value if len(values) > 3 else 2 * values[1] - values[0]


def test_seed_order_covers_and_excludes():
    rng = np.random.default_rng(1)
    errors = 3 * H**0.5 * np.exp(0.05 * rng.standard_normal((12, 5)))
    assert seed_order(H, errors).contains(0.5)
    assert not seed_order(H, errors).contains(0.7)
    errors[3:, 3:] = np.nan
    assert seed_order(H, errors).contains(0.5)


def test_seed_order_covers_as_often_as_it_says():
    rng, hits = np.random.default_rng(2), 0
    for _ in range(2000):
        errors = H**0.5 * np.exp(0.2 * rng.standard_normal((6, 5)))
        errors[2:, 4] = np.nan
        hits += seed_order(H, errors, confidence=0.9).contains(0.5)
    assert abs(hits / 2000 - 0.9) < 4 * np.sqrt(0.09 / 2000)


def test_the_study_measures_every_level_and_seed():
    study = convergence_test(lambda n, s: (1 + 0.01 * s) / n, [10, 20, 40], lambda n: 1 / n, seeds=[0, 1, 2])
    assert study.errors.shape == (3, 3)
    assert abs(study.order.value - 1.0) < 1e-12
    assert study.table().splitlines()[2].split()[-1] == "1.000"


def test_norms_and_table():
    assert sup_norm([[-3.0, 1.0]]) == 3.0
    assert l2_norm([3.0, 4.0], [1, 1]) == pytest.approx(np.sqrt(12.5))
    assert "1.000" in order_table([1, 2], [1.0, 0.5], [0.2, 0.1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: observed_orders([1, 0.5], [1.0, 0.0]), "smallest is 0"),
        (lambda: observed_orders([1, 0.5], [1.0]), r"errors: got shape \(1,\)"),
        (lambda: limit_order([1, 0.5, 0.25], np.ones((3, 3))), "at least four that halve"),
        (lambda: romberg([1.0, 2.0]), "number of levels: got 2"),
        (lambda: seed_order(H, np.ones((1, 5))), "several seeds"),
        (lambda: seed_order(H, np.zeros((5, 5))), "the smallest 0"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()
