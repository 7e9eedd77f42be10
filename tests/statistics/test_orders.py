"""Orders of convergence: a published table, the limit of orders, coverage, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from simulations.statistics.orders import (
    convergence_test,
    difference_order,
    fitted_order,
    l2_norm,
    limit_order,
    observed_orders,
    order_table,
    seed_order,
    sup_norm,
    variance_order,
)
from theory.setting.checks import InputError

H = 0.1 / 2.0 ** np.arange(5)


def test_orders_of_a_published_table():
    orders = observed_orders([1, 0.5, 0.25, 0.125], [9.14e-6, 5.69e-7, 3.55e-8, 2.22e-9])
    assert np.allclose(orders, [4.01, 4.00, 4.00], atol=0.005)


@pytest.mark.parametrize("b", [2.0, -1.5, 3.0])
def test_limit_order_sees_through_the_preasymptotic_part(b):
    errors = 2 * H * (1 + b * H)
    order = limit_order(H, errors)
    assert order.contains(1.0) and order.high - order.low < 0.05
    assert not limit_order(H, errors * H**0.1).contains(1.0)
    assert abs(fitted_order(H, errors) - 1.0) > 0.01


@pytest.mark.parametrize("n_levels", [5, 6])
@pytest.mark.parametrize("q", [1, 2])
def test_the_order_of_differences_needs_no_limit(n_levels, q):
    rng, power, h = np.random.default_rng(8), np.arange(13), 0.125 * 0.5 ** np.arange(n_levels)
    hits = rejected = 0
    for _ in range(1000):
        coefficients, limit = rng.standard_normal(13), 10 * rng.standard_normal()
        coefficients[0] = 1.0  # the error has order q
        order = difference_order(h, limit + h**q * (h[:, None] ** power @ coefficients))
        hits += order.contains(q)
        rejected += not order.contains(q + 1)
    assert hits / 1000 > 0.98 and rejected / 1000 > 0.9


@pytest.mark.parametrize("n_levels", [4, 5, 6])
def test_limit_order_covers_random_power_series(n_levels):
    rng, power, h = np.random.default_rng(7), np.arange(13), 0.25 * 0.5 ** np.arange(n_levels)
    hits = 0
    for _ in range(2000):
        coefficients = rng.standard_normal(13)
        coefficients[0] = 1.0  # the error has order 1
        hits += limit_order(h, h * (h[:, None] ** power @ coefficients)).contains(1.0)
    assert hits / 2000 > 0.99


@pytest.mark.parametrize("n_levels", [4, 5])
def test_an_order_that_still_falls_is_not_refuted(n_levels):
    """A leading term that is small by chance hides behind the next ones."""
    rng, power, h = np.random.default_rng(9), np.arange(13), 0.25 * 0.5 ** np.arange(n_levels)
    hits = 0
    for _ in range(1000):
        coefficients = rng.standard_normal(13)
        coefficients[:2] = 0.05, 1.0
        hits += limit_order(h, h * np.abs(h[:, None] ** power @ coefficients)).contains(1.0)
    assert hits / 1000 > 0.97
    # what stalls falls too, and stays below
    stalled = limit_order(h, h + 0.1 * h[0])
    assert stalled.high < 1.0


def test_seed_order_covers_and_excludes():
    rng = np.random.default_rng(1)
    errors = 3 * H[:, None] ** 0.5 * np.exp(0.05 * rng.standard_normal((5, 12)))
    assert seed_order(H, errors).contains(0.5)
    assert not seed_order(H, errors).contains(0.7)
    errors[3:, 3:] = np.nan
    assert seed_order(H, errors).contains(0.5)


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.99])
def test_seed_order_covers_as_often_as_it_says(confidence):
    rng, hits = np.random.default_rng(2), 0
    for _ in range(2000):
        errors = H[:, None] ** 0.5 * np.exp(0.2 * rng.standard_normal((5, 6)))
        errors[4, 2:] = np.nan
        hits += seed_order(H, errors, confidence=confidence).contains(0.5)
    assert abs(hits / 2000 - confidence) < 4 * np.sqrt(confidence * (1 - confidence) / 2000)


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.99])
def test_the_order_of_a_variance_covers_as_often_as_it_says(confidence):
    rng, hits = np.random.default_rng(2), 0
    for _ in range(2000):
        samples = [rng.standard_normal((300, 2)) * n**-0.5 for n in (100, 400)]
        hits += variance_order((100, 400), samples, confidence).contains(-1.0)
    assert abs(hits / 2000 - confidence) < 4 * np.sqrt(confidence * (1 - confidence) / 2000)


def test_the_study_measures_every_level_and_seed():
    study = convergence_test(
        lambda n, s: (1 + 0.01 * s) / n, [10, 20, 40], lambda n: 1 / n, seeds=[0, 1, 2]
    )
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
        (lambda: limit_order([1, 0.5, 0.25], np.ones(3)), "at least four that halve"),
        (lambda: seed_order(H, np.ones((5, 1))), "several seeds"),
        (lambda: seed_order(H, np.zeros((5, 5))), "the smallest 0"),
        (lambda: seed_order(H, np.ones((4, 5))), r"errors: got shape \(4, 5\)"),
        (lambda: seed_order(H, np.full((5, 5), np.nan)), "the smallest inf"),
        (lambda: seed_order(H, np.ones((5, 5)) * 1j), "errors: got complex numbers"),
        (lambda: seed_order([1, 1, 1], np.ones((3, 5))), "numbers > 0, each once"),
        (lambda: observed_orders([1, -0.5], [1.0, 0.5]), "numbers > 0, each once"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(InputError, match=message):
        call()


STUDY = {
    "measure": lambda n, s: (1 + 0.01 * s) / n,
    "sizes": [10, 20, 40],
    "step": lambda n: 1 / n,
    "seeds": range(4),
}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"measure": 3}, "measure: got 3, expected a function"),
        ({"step": 0.1}, "step: got 0.1, expected a function"),
        ({"sizes": []}, "sizes: got .*, expected at least 3, each once"),
        ({"sizes": [10, 20, 20]}, "sizes: got .*, expected at least 3, each once"),
        ({"seeds": []}, "seeds: got .*, expected at least 3, each once"),
        ({"seeds": 8}, "seeds: got 8, expected at least 3, each once"),
        # the same errors again are no more samples: they would narrow the interval
        ({"seeds": [1, 1, 1]}, "seeds: got .*, expected at least 3, each once"),
        ({"step": lambda n: 1}, "steps: got .*, expected numbers > 0, each once"),
        ({"step": lambda n: 0}, "steps: got .*, expected numbers > 0, each once"),
        ({"step": lambda n: -1 / n}, "steps: got .*, expected numbers > 0, each once"),
        ({"step": lambda n: None}, "steps: got None"),
    ],
)
def test_a_study_that_says_nothing_is_refused_before_it_is_measured(changed, message):
    def never(n, s):
        raise AssertionError("measured")

    with pytest.raises(InputError, match=message):
        convergence_test(**STUDY | {"measure": never} | changed)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("error", [np.nan, np.inf, 1j, "x", None, [1.0, 2.0]])
def test_errors_that_are_no_numbers_are_named(error):
    with pytest.raises(InputError, match="^errors: "):
        convergence_test(**STUDY | {"measure": lambda n, s: error})


def test_sizes_and_seeds_may_be_iterators():
    study = convergence_test(**STUDY | {"sizes": iter([10, 20, 40]), "seeds": iter(range(4))})
    assert np.array_equal(study.errors, convergence_test(**STUDY).errors)
