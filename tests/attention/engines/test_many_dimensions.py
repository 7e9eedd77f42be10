"""Engines made of matrix products, against the definition: in double precision to rounding, in
single precision within what they promise, and not by luck.
"""

from __future__ import annotations

import numba
import numpy as np
import pytest

from simulations.attention import AttentionOperator
from simulations.attention.engines import blocks, single_kernels
from simulations.attention.engines.single import PrecisionWarning
from theory.setting import pseudo_metrics
from theory.setting.checks import InputError

SQUARED, DOT = pseudo_metrics.squared_distance(), pseudo_metrics.dot_product()
HEAD = pseudo_metrics.dot_product(np.random.default_rng(5).standard_normal((48, 48)) / 7)
CASES = {
    "distance": (SQUARED, 0.2),
    "dot product": (DOT, 0.3),
    "a head, not symmetric": (HEAD, 0.5),
    "a few neighbours": (SQUARED, 0.08),
}


def tokens(n, dim=48, seed=8):
    return np.random.default_rng(seed).standard_normal((n, dim)) / 7


def apply(engine, metric, temperature, *, moved=0.0, transposed=False, **options):
    """A @ H, or A.T @ v, of 1500 tokens that are so far from the origin, 5 features."""
    rng = np.random.default_rng(3)
    x = tokens(1500) + moved
    keys = options.get("keys")
    if engine == "single":
        options["tolerance"] = 1e-6
    operator = AttentionOperator(x, metric, temperature, engine=engine, **options)
    if transposed:
        return operator.T @ rng.standard_normal(len(x))
    return operator @ rng.uniform(-1, 1, (len(x) if keys is None else len(keys), 5))


@pytest.mark.parametrize("moved", [0.0, 0.5])
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("options", ["self", "bias", "masked", "others", "cross"])
def test_single_precision_keeps_its_tolerance(case, options, moved):
    metric, temperature = CASES[case]
    bias = np.random.default_rng(4).standard_normal(1500)
    masked = np.where(np.arange(1500) % 3, bias, -np.inf)
    choice = {
        "self": {},
        "bias": {"key_bias": bias},
        "masked": {"key_bias": masked},
        "others": {"exclude_self": True},
        "cross": {"keys": tokens(2100, seed=9) + moved},
    }[options]
    exact = apply("naive", metric, temperature, moved=moved, **choice)
    coarse = apply("single", metric, temperature, moved=moved, **choice)
    fine = apply("dense", metric, temperature, moved=moved, **choice)
    assert np.abs(coarse - exact).max() < 1e-6
    assert np.abs(fine - exact).max() < 1e-12
    # what is tested is single precision, and 1 % of the temperature would be seen
    assert np.abs(coarse - exact).max() > 1e-10
    assert np.abs(
        apply("dense", metric, 1.01 * temperature, moved=moved, **choice) - exact
    ).max() > (1e-5)


@pytest.mark.parametrize("case", CASES)
def test_the_transpose_of_single_precision(case):
    metric, temperature = CASES[case]
    exact = apply("naive", metric, temperature, transposed=True)
    assert np.abs(apply("single", metric, temperature, transposed=True) - exact).sum() < (
        1e-6 * np.abs(np.random.default_rng(3).standard_normal(1500)).sum()
    )


def test_where_single_precision_would_miss_its_tolerance_double_does_the_work():
    x = tokens(400) * 15  # exponents of some hundreds
    with pytest.warns(PrecisionWarning, match="in double precision, because single"):
        operator = AttentionOperator(x, HEAD, 0.5, engine="single", tolerance=1e-6)
        coarse = operator @ x
    assert np.array_equal(coarse, AttentionOperator(x, HEAD, 0.5, engine="dense") @ x)


def test_one_round_adds_to_no_part_twice_and_all_rounds_meet_every_pair_once():
    for parts in range(1, 12):
        found = blocks.rounds(parts)
        for pairs in found:
            touched = [part for pair in pairs for part in set(pair)]
            assert len(touched) == len(set(touched))
        met = sorted(tuple(sorted(pair)) for pairs in found for pair in pairs)
        assert met == [(a, b) for a in range(parts) for b in range(a, parts)]


@pytest.mark.parametrize("threads", [1, numba.config.NUMBA_NUM_THREADS])
def test_threads_take_every_item_once_and_an_error_ends_the_rounds(threads):
    numba.set_num_threads(threads)
    done = []
    blocks.in_threads(done.append, [range(50), [], range(50, 53)])
    assert sorted(done[:50]) == list(range(50))  # a round ends before the next begins
    assert sorted(done[50:]) == [50, 51, 52]
    seen = []

    def task(item):
        seen.append(item)
        if item == 3:
            raise ValueError("item 3")

    with pytest.raises(ValueError, match="item 3"):
        blocks.in_threads(task, [range(4), [100]])
    assert 100 not in seen
    numba.set_num_threads(numba.config.NUMBA_NUM_THREADS)


@pytest.mark.parametrize("engine", ["dense", "single"])
@pytest.mark.parametrize("case", CASES)
def test_same_bits_for_any_number_of_threads(engine, case):
    found = []
    for threads in (1, numba.config.NUMBA_NUM_THREADS):
        numba.set_num_threads(threads)
        found.append(apply(engine, *CASES[case]))
    assert np.array_equal(*found)


@pytest.mark.parametrize(
    ("metric", "options", "message"),
    [
        (SQUARED, {"tolerance": 1e-7}, "tolerance: got 1e-07, expected at least 1e-06"),
        (SQUARED, {}, "tolerance: got 1e-10, expected at least 1e-06 for engine 'single'"),
        (SQUARED, {"tolerance": 1e-6, "window": 1.0}, "has a window"),
        (
            pseudo_metrics.user_function(lambda x, y: abs(x[0] - y[0])),
            {"tolerance": 1e-6},
            "no squared distance or inner product",
        ),
    ],
)
def test_what_single_precision_cannot_compute_is_refused(metric, options, message):
    with pytest.raises(InputError, match=message):
        AttentionOperator(tokens(50), metric, 0.5, engine="single", **options) @ tokens(50)


def test_powers_of_two_in_single_precision():
    rng = np.random.default_rng(1)
    t = rng.uniform(-125, 0, (7, 1001)).astype(np.float32)
    base, shift = np.zeros(1001, np.float32), np.zeros(7, np.float32)
    found = t.copy()
    single_kernels.exp2_block(found, base, shift)
    assert np.abs(found / np.exp2(t.astype(np.float64)) - 1).max() < 2e-7
    below = np.full((1, 9), -126.5, np.float32)
    single_kernels.exp2_block(below, base[:9], shift[:1])
    assert not below.any()
