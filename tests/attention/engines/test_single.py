"""The engine in single precision: its log-partition at tiny temperatures, features of any size, and
what its passes are made of.
"""

from __future__ import annotations

import numpy as np
import pytest

from simulations.attention import AttentionOperator
from simulations.attention.engines import single
from simulations.attention.engines.blocks import panels, tapered
from simulations.attention.engines.problem import Problem
from simulations.attention.engines.single import PrecisionWarning
from simulations.attention.engines.single_points import UNSHIFTED, moved_points
from theory.setting import pseudo_metrics
from theory.setting.checks import InputError

SQUARED, DOT = pseudo_metrics.squared_distance(1.0), pseudo_metrics.dot_product()
TOLERANCE = 1e-6
ROUNDING = 64 * 2.0**-53  # of an exponent in float64, over its size: its 48 products and sums


def tokens(n, seed):
    x = np.random.default_rng(seed).standard_normal((n, 48))
    return x / np.linalg.norm(x, axis=1)[:, None]


def in_long_double(x, y, temperature, metric):
    """Exponents by the definition, in more digits than float64 has."""
    a, b = x.astype(np.longdouble), y.astype(np.longdouble)
    f = ((a[:, None] - b) ** 2).sum(axis=2) if metric is SQUARED else -(a @ b.T)
    return -f / np.longdouble(temperature)


def log_sum_exp(t):
    top = t.max(axis=1)
    return top + np.log(np.exp(t - top[:, None]).sum(axis=1))


@pytest.mark.filterwarnings("ignore::simulations.attention.engines.single.PrecisionWarning")
@pytest.mark.parametrize("temperature", [1.0, 1e-2, 1e-4, 1e-8, 1e-12])
@pytest.mark.parametrize("metric", [SQUARED, DOT], ids=["distance", "dot product"])
def test_log_partition_errs_no_more_than_the_tolerance_and_rounding_in_double(metric, temperature):
    x, y = tokens(300, 1), tokens(200, 2)
    t = in_long_double(x, y, temperature, metric)
    operator = AttentionOperator(
        x, metric, temperature, keys=y, engine="single", tolerance=TOLERANCE
    )
    error = np.abs((operator.log_partition - log_sum_exp(t)).astype(float)).max()
    size = float(np.abs(t).max())
    assert error <= TOLERANCE + ROUNDING * size
    # exponents in float32 would miss it at the small temperatures
    rounded = np.abs(log_sum_exp(np.float32(t).astype(np.longdouble)) - log_sum_exp(t))
    assert size < 1e3 or rounded.astype(float).max() > 3 * (TOLERANCE + ROUNDING * size)


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_exponents_that_float32_cannot_hold_are_for_double_precision():
    x, y = tokens(30, 1), tokens(20, 2)
    with pytest.warns(PrecisionWarning):
        operator = AttentionOperator(
            x, SQUARED, 1e-60, keys=y, engine="single", tolerance=TOLERANCE
        )
        found = operator.log_partition
    expected = log_sum_exp(in_long_double(x, y, 1e-60, SQUARED))
    assert np.abs(found / expected.astype(float) - 1).max() < ROUNDING


@pytest.mark.parametrize("size", [1e-300, 1e-40, 1e38, 1e280])
@pytest.mark.parametrize("keys", [None, 200])
def test_features_of_any_size_are_as_exact(size, keys):
    x, y = tokens(300, 1), None if keys is None else tokens(keys, 2)
    h = np.random.default_rng(4).uniform(-1, 1, (keys or 300, 3)) * [1.0, size, 1 / 3]
    v = np.random.default_rng(5).uniform(-1, 1, (300, 2)) * [size, 1.0]
    single, naive = (
        AttentionOperator(x, DOT, 0.1, keys=y, engine=e, tolerance=TOLERANCE)
        for e in ("single", "naive")
    )
    assert single.engine == "single"
    off = np.abs(single @ h - naive @ h).max(axis=0) / np.abs(h).max(axis=0)
    assert off.max() < TOLERANCE
    lost = np.abs(single.T @ v - naive.T @ v).sum(axis=0) / np.abs(v).sum(axis=0)
    assert lost.max() < TOLERANCE


def test_rows_that_need_no_shift_and_rows_that_do_are_the_same_sums():
    x, y, tolerance = tokens(700, 1), tokens(600, 2), 1e-5
    h = np.random.default_rng(4).uniform(-1, 1, (600, 3))
    for temperature, unshifted in ((0.06, True), (0.02, False)):
        assert moved_points(Problem.checked(DOT, x, y, temperature)).unshifted is unshifted
        found = AttentionOperator(x, DOT, temperature, keys=y, engine="single", tolerance=tolerance)
        assert found.engine == "single"
        t = in_long_double(x, y, temperature, DOT)
        weights = np.exp(t - t.max(axis=1)[:, None])
        expected = (weights @ h / weights.sum(axis=1)[:, None]).astype(float)
        assert np.abs(found @ h - expected).max() < tolerance
        assert np.abs(found @ np.ones(600) - 1).max() < 1e-6
    assert UNSHIFTED < 63  # 2^63 times 2^63 would be the largest float32


@pytest.mark.parametrize("temperature", [1.0, 1e-3])
def test_a_query_left_without_a_key_is_refused(temperature):
    x, options = tokens(2, 1), {"exclude_self": True, "key_bias": np.array([0.0, -np.inf])}
    operator = AttentionOperator(
        x, DOT, temperature, engine="single", tolerance=TOLERANCE, **options
    )
    with pytest.raises(InputError, match="query 0 is left with no key"):
        operator @ np.ones(2)


def test_memory_is_used_again_for_any_number_of_features():
    x, y = tokens(1500, 1), tokens(1300, 2)
    operator = AttentionOperator(x, DOT, 0.3, keys=y, engine="single", tolerance=TOLERANCE)
    h = np.random.default_rng(4).standard_normal((1300, 7))
    together = operator @ h
    for _ in range(2):
        for width in (1, 7, 3):
            assert np.abs(operator @ h[:, :width] - together[:, :width]).max() < TOLERANCE
    assert np.array_equal(operator @ h, together)
    assert len(single.prepared(operator._plan.problem).spare) <= 4


@pytest.mark.parametrize("n", [1, 15, 16, 128, 1500, 8192, 100_003])
def test_tapered_slices_cover_everything_once_and_never_grow(n):
    found = tapered(n, 512, 128)
    assert np.array_equal(np.concatenate([np.arange(n)[part] for part in found]), np.arange(n))
    lengths = [part.stop - part.start for part in found]
    assert lengths == sorted(lengths, reverse=True)
    assert max(lengths) <= 512
    assert min(lengths[:-1], default=128) >= 128
    found = panels(n, 512, 128)
    assert np.array_equal(np.concatenate([np.arange(n)[part] for part in found]), np.arange(n))
    assert max(part.stop - part.start for part in found) <= 512
    assert len(found) >= min(8, n // 144)
