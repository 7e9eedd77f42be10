"""Every engine against the definition in extended precision, on tokens that break what is careless.

The twin below shares nothing with the engines but the formula: differences first, squares after, a
log-sum-exp in NumPy's longdouble. Tokens coincide, lie on a line, lie in one far cluster, are huge
or denormal, or all of it at once.
"""

from __future__ import annotations

import warnings
from unittest import mock

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from simulations.attention import AttentionOperator
from simulations.attention.engines import ENGINES, gauss_transform
from theory.setting.checks import MOST_MESSAGE, InputError
from theory.setting.pseudo_metrics import dot_product, squared_distance

EXAMPLES = settings(max_examples=60, deadline=None, derandomize=True, database=None)
SINGLE = 1e-4  # tolerance of the engine in single precision
EXACT, FAST = ("naive", "dense"), ("truncated", "nufft", "boxes", "auto", "single")


def tolerance_of(engine):
    return SINGLE if engine == "single" else 1e-10


def ordinary(rng, n, dim):
    return rng.standard_normal((n, dim))


def duplicates(rng, n, dim):
    return ordinary(rng, n, dim)[rng.integers(max(1, n // 3), size=n)]


def collinear(rng, n, dim):
    return np.outer(rng.uniform(-2, 2, n), rng.standard_normal(dim)) + rng.standard_normal(dim)


def far_cluster(rng, n, dim):
    x = ordinary(rng, n, dim)
    x[: n // 2] = x[: n // 2] * 1e-3 + 10.0 ** rng.integers(1, 7)
    return x


def far_from_the_origin(rng, n, dim):
    """Distances of order one between numbers of a million: their squares cancel."""
    return ordinary(rng, n, dim) + 1e6


def huge(rng, n, dim):
    return ordinary(rng, n, dim) * 10.0 ** rng.integers(10, 70)


def denormal(rng, n, dim):
    return ordinary(rng, n, dim) * 1e-310


def all_scales(rng, n, dim):
    return ordinary(rng, n, dim) * 10.0 ** rng.integers(-200, 60, (n, 1))


CLOUDS = (
    ordinary, duplicates, collinear, far_cluster, far_from_the_origin, huge, denormal, all_scales,
)  # fmt: skip


def twin(x, temperature, h, bias, exclude_self, gram=False):
    """(A h, log-partition) of f = |x - y|^2/4, or of -x.y, from the definition in longdouble."""
    points = x.astype(np.longdouble)
    if gram:
        exponents = (points[:, None] * points[None]).sum(axis=2)
    else:
        exponents = -((points[:, None] - points[None]) ** 2).sum(axis=2) / 4
    exponents = exponents / np.longdouble(temperature) + bias
    if exclude_self:
        np.fill_diagonal(exponents, -np.inf)
    shift = exponents.max(axis=1, keepdims=True)
    weights = np.exp(exponents - shift)
    total = weights.sum(axis=1, keepdims=True)
    return (weights / total) @ h, (shift + np.log(total))[:, 0], exponents


def rounding_of(exponents):
    """What rounding each exponent in float64 may change in a mean of features up to one: the
    exponents that matter are those within 50 of the largest; their own size counts."""
    shift = exponents.max(axis=1, keepdims=True)
    # beyond 1e17 no float64 lies between an exponent and the next: hence "or equal"
    matter = np.where(exponents >= shift - 50, np.abs(exponents), 0)
    return float(matter.max()) * np.finfo(float).eps * 16


def made(x, score, temperature, engine, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return AttentionOperator(
            x, score, temperature, engine=engine, tolerance=tolerance_of(engine), **options
        )


CASES = st.tuples(
    st.sampled_from(CLOUDS),
    st.integers(2, 30),
    st.integers(1, 4),
    st.sampled_from([1e-6, 1e-2, 1.0, 30.0, 1e8]),
    st.integers(0, 10**6),
    st.booleans(),
    st.booleans(),
)


def problem_of(case):
    cloud, n, dim, temperature, seed, biased, exclude_self = case
    rng = np.random.default_rng(seed)
    x = cloud(rng, n, dim)
    h = np.cos(np.arange(2.0 * n)).reshape(n, 2)
    bias = rng.uniform(-3, 3, n) if biased else np.zeros(n)
    return x, temperature, h, bias, exclude_self and n > 2


@pytest.fixture(scope="module", autouse=True)
def small_grids():
    """A few tokens need no grid of gigabytes: the engine refuses sooner."""
    with mock.patch.object(gauss_transform, "LARGEST_GRID", 2**18):
        yield


@pytest.mark.parametrize("engine", sorted(ENGINES))
@EXAMPLES
@given(CASES)
def test_an_engine_is_its_definition_or_refuses_in_a_line(engine, case):
    x, temperature, h, bias, exclude_self = problem_of(case)
    options = {"key_bias": bias, "exclude_self": exclude_self}
    try:
        operator = made(x, squared_distance(), temperature, engine, **options)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found, ones, log_partition = operator @ h, operator @ np.ones(len(x)), None
            log_partition = operator.log_partition
    except InputError as refused:
        # what takes every score takes every finite token
        assert engine in FAST and engine != "auto", refused
        assert "\n" not in str(refused) and len(str(refused)) <= MOST_MESSAGE
        return
    expected, expected_log, exponents = twin(x, temperature, h, bias, exclude_self)
    allowed = 1e-13 + rounding_of(exponents) + (2 * operator.tolerance if engine in FAST else 0)
    assert np.abs(found - expected.astype(float)).max() <= allowed
    assert np.abs(ones - 1).max() <= 1e-13 + (operator.tolerance if engine in FAST else 0)
    size = np.maximum(1, np.abs(expected_log))
    assert (np.abs(log_partition - expected_log) / size).max() <= allowed


@pytest.mark.parametrize("engine", ["naive", "dense", "auto"])
@EXAMPLES
@given(CASES)
def test_the_dot_product_is_its_definition(engine, case):
    x, temperature, h, bias, exclude_self = problem_of(case)
    # the product of huge tokens is huge: which key is largest is all that matters then
    assume(np.abs(x).max() ** 2 / temperature < 1e6)
    options = {"key_bias": bias, "exclude_self": exclude_self}
    found = made(x, dot_product(), temperature, engine, **options) @ h
    expected, _, exponents = twin(x, temperature, h, bias, exclude_self, gram=True)
    allowed = 1e-12 + rounding_of(exponents) + (2e-10 if engine == "auto" else 0)
    assert np.abs(found - expected.astype(float)).max() <= allowed


@pytest.mark.parametrize("engine", ["naive", "dense", "truncated", "nufft", "boxes"])
@EXAMPLES
@given(CASES)
def test_the_transpose_moves_measures_without_losing_any(engine, case):
    x, temperature, _, bias, exclude_self = problem_of(case)
    measure = np.random.default_rng(case[4] + 1).uniform(0, 1, len(x))
    try:
        operator = made(
            x, squared_distance(), temperature, engine, key_bias=bias, exclude_self=exclude_self
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            moved = operator.T @ measure
    except InputError as refused:
        # rounding of exponents beyond what a float64 holds is told
        assert engine in FAST or "rounding exceeds" in str(refused)
        return
    rows, _, exponents = twin(x, temperature, np.eye(len(x)), bias, exclude_self)
    # known limit: of exponents beyond 1e12 float64 keeps no digits after the point, and the transpose,
    # which takes the log-partition off them, has no right digit; it is not refused
    assume(rounding_of(exponents) < 1e-2)
    lost = 1e-13 + rounding_of(exponents) + (2 * operator.tolerance if engine in FAST else 0)
    assert abs(moved.sum() - measure.sum()) <= lost * measure.sum()
    assert np.abs(moved - rows.T.astype(float) @ measure).max() <= lost * measure.sum()


@EXAMPLES
@given(CASES)
def test_copies_of_a_token_attend_alike_and_count_as_one_of_twice_the_weight(case):
    x, temperature, h, _, _ = problem_of(case)
    twice = made(np.vstack([x, x]), squared_distance(), temperature, "dense")
    once = made(x, squared_distance(), temperature, "dense")
    both = twice @ np.vstack([h, h])
    allowed = 1e-13 + rounding_of(twin(x, temperature, h, 0.0, False)[2])
    assert np.abs(both[: len(x)] - both[len(x) :]).max() <= allowed
    assert np.abs(both[: len(x)] - once @ h).max() <= allowed


def test_the_twin_would_see_a_cancelled_square():
    """The planted mistake: |x|^2 + |y|^2 - 2 x.y of tokens far from the origin."""
    x = far_from_the_origin(np.random.default_rng(0), 40, 3)
    h = np.cos(np.arange(80.0)).reshape(40, 2)
    expected, _, exponents = twin(x, 1.0, h, 0.0, False)
    squares = (x**2).sum(axis=1)
    weights = np.exp(-(squares[:, None] + squares - 2 * x @ x.T) / 4)
    cancelled = weights @ h / weights.sum(axis=1, keepdims=True)
    assert np.abs(cancelled - expected.astype(float)).max() > 1e3 * (1e-13 + rounding_of(exponents))
