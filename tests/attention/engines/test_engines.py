"""The fast engine against the definition, and against its own controls."""

from __future__ import annotations

import ctypes
import math

import mpmath
import numba
import numpy as np
import pytest
import sympy as sp

from simulations.attention import AttentionOperator
from simulations.attention.engines import ENGINES, dense, dense_kernels, naive
from simulations.attention.engines.user_kernels import compile_point_function, compile_transform
from theory.setting import pseudo_metrics
from theory.setting.checks import InputError
from theory.setting.pseudo_metrics import PseudoMetric, S

TOLERANCE = 1e-12
EXACT = ("dense", "naive")


def skewed(x, y):
    total = 0.0
    for d in range(x.shape[0]):
        total += (x[d] - 1.3 * y[d]) ** 2 + 0.3 * x[d] * y[0]
    return total


def matrix(dim):
    return np.random.default_rng(dim).normal(size=(dim, dim)) / math.sqrt(dim)


METRICS = {
    "squared_distance": lambda dim: pseudo_metrics.squared_distance(0.7),
    "dot_product": lambda dim: pseudo_metrics.dot_product(),
    "dot_product_matrix": lambda dim: pseudo_metrics.dot_product(matrix(dim)),
    "mahalanobis": lambda dim: pseudo_metrics.mahalanobis(matrix(dim)),
    "one_sided_map": lambda dim: PseudoMetric(
        "|Wx-y|^2", "squared_distance", 0.5, query_map=lambda x: x @ matrix(dim)
    ),
    "cosine": lambda dim: pseudo_metrics.cosine(2.0),
    "distance": lambda dim: pseudo_metrics.transformed_distance("r"),
    "power": lambda dim: pseudo_metrics.transformed_distance("r**1.5 + r**3"),
    "logarithm": lambda dim: pseudo_metrics.transformed_distance("log(1 + r**2)"),
    "function": lambda dim: pseudo_metrics.user_function(skewed),
}


def attend(engine, metric, x, y, temperature, values, **options):
    """log_partition and means of a fresh plan."""
    plan = engine.plan(metric, x, y, temperature, **options)
    means = plan.attend(values)
    return plan.log_partition, means


def accumulate(engine, metric, x, y, temperature, values, *, query_bias, **options):
    return engine.plan(metric, x, y, temperature, **options).accumulate(values, query_bias)


def random_problem(rng, name, temperature):
    """Arguments of `attend` with every option on or off at random; no row is left without a key."""
    dim = int(rng.integers(1, 13))
    n = int(rng.integers(2, 60 if name == "function" else 300))
    n_keys = n if rng.random() < 0.6 else int(rng.integers(2, 60 if name == "function" else 900))
    x = rng.normal(size=(n, dim)) + rng.choice([0.0, 3.0])
    y = x if n == n_keys and rng.random() < 0.6 else rng.normal(size=(n_keys, dim))
    options = {"swapped": bool(rng.random() < 0.4)}
    if rng.random() < 0.6:
        bias = 3 * rng.normal(size=n_keys)
        if rng.random() < 0.4:
            bias[rng.random(n_keys) < 0.3] = -np.inf
            bias[:2] = 0.0
        options["key_bias"] = bias
    options["exclude_self"] = bool(n == n_keys and rng.random() < 0.4)
    if rng.random() < 0.3:
        # wide enough for the two keys that are sure to have a finite bias
        far = np.linalg.norm(x[:, None] - y[None, :2], axis=-1)
        options["window"] = float(far.max() * rng.uniform(1.01, 1.3))
    values = rng.normal(size=(n_keys, int(rng.choice([0, 1, 3, 10]))))
    return (METRICS[name](dim), x, y, temperature, values), options


def distance_between(engine, reference, arguments, options):
    """Largest disagreement over log partition, means and accumulated sums, in units of what
    rounding allows.

    An exponent of size |f|/temperature carries a rounding error of that size times 2^-53 however it
    is computed.
    """
    log_partition, means = attend(reference, *arguments, **options)
    log_partition_too, means_too = attend(engine, *arguments, **options)
    sums = accumulate(reference, *arguments, query_bias=-log_partition, **options)
    sums_too = accumulate(engine, *arguments, query_bias=-log_partition, **options)
    largest = np.abs(arguments[4]).max(initial=1e-300)
    allowed = TOLERANCE + 8 * np.finfo(float).eps * np.abs(log_partition).max()
    assert means.shape == means_too.shape == sums_too.shape
    return max(
        np.max(np.abs(log_partition - log_partition_too) / np.maximum(1, np.abs(log_partition)))
        / TOLERANCE,
        np.abs(means - means_too).max(initial=0) / largest / allowed,
        np.abs(sums - sums_too).max(initial=0) / largest / allowed,
    )


@pytest.mark.parametrize("temperature", [1e-4, 1e-2, 0.3, 5.0, 1e4])
@pytest.mark.parametrize("name", METRICS)
def test_dense_agrees_with_the_definition(name, temperature):
    rng = np.random.default_rng([list(METRICS).index(name), int(1e4 * temperature)])
    for _ in range(3 if name == "function" else 8):
        arguments, options = random_problem(rng, name, temperature)
        assert distance_between(dense, naive, arguments, options) < 1, options


SIZES = [(1, 2), (63, 65), (700, 513), (1100, 1100)]


@pytest.mark.parametrize("n, n_keys", SIZES)
@pytest.mark.parametrize("dim", [1, 2, 3, 4, 7])
def test_both_passes_agree_across_tile_boundaries(monkeypatch, n, n_keys, dim):
    rng = np.random.default_rng(n)
    x = rng.normal(size=(n, dim))
    y = x if n == n_keys else rng.normal(size=(n_keys, dim))
    for c, bias in ((1, None), (2, rng.normal(size=n_keys)), (5, rng.normal(size=n_keys))):
        values = rng.normal(size=(n_keys, c))
        for exclude_self in {False, n == n_keys}:
            arguments = (pseudo_metrics.squared_distance(), x, y, 0.3, values)
            options = {"key_bias": bias, "exclude_self": exclude_self}
            with monkeypatch.context() as patch:
                patch.setattr(dense, "_online_sums", forbidden)
                assert distance_between(dense, naive, arguments, options) < 1
            with monkeypatch.context() as patch:
                patch.setattr(dense, "_bounded_sums", forbidden)
                patch.setattr(dense, "BOUNDED_EXPONENT", 0.0)
                assert distance_between(dense, naive, arguments, options) < 1


def forbidden(*arguments):
    raise AssertionError("the other pass was to be used")


def test_bounded_pass_holds_at_its_limit(monkeypatch):
    monkeypatch.setattr(dense, "_online_sums", forbidden)
    rng = np.random.default_rng(5)
    x = rng.uniform(-1, 1, size=(400, 3))
    middle = (x.min(axis=0) + x.max(axis=0)) / 2
    reach = 2 * ((x - middle) ** 2).sum(axis=1).max()
    temperature = 0.25 * reach * dense_kernels.LOG2_E / dense.BOUNDED_EXPONENT * 1.0001
    arguments = (pseudo_metrics.squared_distance(), x, x, temperature, rng.normal(size=(400, 1)))
    bias = rng.uniform(-1, 1, size=400) * dense.BOUNDED_BIAS / dense_kernels.LOG2_E
    for options in ({}, {"exclude_self": True}, {"key_bias": bias}):
        assert distance_between(dense, naive, arguments, options) < 1


# the bounded pass, the online pass, the online pass with a transformation
PASSES = [("squared_distance", 0.5), ("squared_distance", 1e-3), ("distance", 0.5)]


@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="one thread only")
@pytest.mark.parametrize("name, temperature", PASSES)
@pytest.mark.parametrize("same_points", [True, False])
def test_same_bits_for_any_number_of_threads(name, temperature, same_points):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(1500, 3))
    y = x if same_points else rng.normal(size=(1300, 3))
    values = rng.normal(size=(len(y), 2))
    before = numba.get_num_threads()
    results = []
    try:
        for threads in (1, 2):
            numba.set_num_threads(threads)
            results.append(attend(dense, METRICS[name](3), x, y, temperature, values))
    finally:
        numba.set_num_threads(before)
    for one, two in zip(*results, strict=True):
        assert np.array_equal(one, two)


@numba.njit
def exp2(t):
    out = np.empty_like(t)
    for k in range(t.size):
        out[k] = dense_kernels.exp2_negative(t[k])
    return out


def test_exp2_is_accurate_to_two_units_in_the_last_place():
    rng = np.random.default_rng(0)
    t = np.concatenate(
        [-rng.uniform(0, 1022, 200_000), -rng.uniform(0, 2, 200_000), np.arange(-1022.0, 1.0)]
    )
    expected = np.exp2(t)
    assert np.max(np.abs(exp2(t) - expected) / np.spacing(expected)) <= 3
    some = t[:: t.size // 3000]
    with mpmath.workdps(40):
        exact = [mpmath.mpf(2) ** mpmath.mpf(u) for u in some]
        error = [
            float(abs(v - e) / np.spacing(float(e))) for v, e in zip(exp2(some), exact, strict=True)
        ]
    assert max(error) <= 2
    assert np.array_equal(exp2(np.array([0.0, -1.0, -1022.0])), [1.0, 0.5, 2.0**-1022])
    assert np.array_equal(exp2(np.array([-1022.5, -1e5, -1e300, -np.inf])), np.zeros(4))


@pytest.mark.parametrize("engine", EXACT)
def test_far_query_at_tiny_temperature_gets_its_nearest_key(engine):
    keys = np.random.default_rng(2).normal(size=(2000, 3))
    queries = np.array([[1e4, 0.0, 0.0], [0.0, -2e4, 1.0]])
    values = np.random.default_rng(3).normal(size=(2000, 2))
    nearest = ((queries[:, None] - keys) ** 2).sum(axis=-1).argmin(axis=1)
    log_partition, means = attend(
        ENGINES[engine], pseudo_metrics.squared_distance(), queries, keys, 1e-3, values
    )
    assert np.isfinite(log_partition).all() and (log_partition < -1e10).all()
    assert np.array_equal(means, values[nearest])


@pytest.mark.parametrize("engine", EXACT)
def test_infinite_temperature_is_the_plain_mean(engine):
    rng = np.random.default_rng(4)
    x, values = rng.normal(size=(700, 4)), rng.normal(size=(700, 2))
    log_partition, means = attend(
        ENGINES[engine], pseudo_metrics.squared_distance(), x, x, 1e300, values
    )
    assert np.allclose(log_partition, math.log(700), rtol=0, atol=1e-13)
    assert np.allclose(means, values.mean(axis=0), rtol=0, atol=1e-14)


@pytest.mark.parametrize("engine", EXACT)
def test_keys_left_out_have_weight_exactly_zero(engine):
    x = np.arange(50.0)[:, None]
    values = np.zeros((50, 1))
    values[20] = 1e300
    bias = np.zeros(50)
    bias[21] = -np.inf
    values[21] = 1e300
    _, means = attend(
        ENGINES[engine],
        pseudo_metrics.squared_distance(),
        x,
        x,
        1e4,
        values,
        key_bias=bias,
        window=3.0,
    )
    assert np.array_equal(np.flatnonzero(means), np.arange(17, 24))
    _, means = attend(
        ENGINES[engine],
        pseudo_metrics.squared_distance(),
        x,
        x,
        1e-3,
        np.eye(50),
        exclude_self=True,
    )
    assert np.array_equal(np.diag(means), np.zeros(50))


def test_window_is_a_closed_ball_whatever_the_rounding():
    x = 0.1 * np.arange(40.0)[:, None]
    for engine in (dense, naive):
        log_partition, _ = attend(
            engine, pseudo_metrics.squared_distance(), x, x, 1e12, np.ones((40, 0)), window=0.3
        )
        assert np.allclose(np.exp(log_partition[3:-3]), 7)


@pytest.mark.parametrize("engine", EXACT)
def test_accumulate_gives_zero_to_a_query_with_no_key(engine):
    x, y = np.array([[0.0], [100.0]]), np.array([[0.0], [0.5], [1.0]])
    sums = accumulate(
        ENGINES[engine],
        pseudo_metrics.squared_distance(),
        x,
        y,
        1.0,
        np.ones((3, 1)),
        query_bias=np.zeros(2),
        window=2.0,
    )
    assert sums[0, 0] > 1 and sums[1, 0] == 0
    silent = accumulate(
        ENGINES[engine],
        pseudo_metrics.squared_distance(),
        x,
        y,
        1.0,
        np.ones((3, 1)),
        query_bias=np.array([-np.inf, 0.0]),
    )
    assert silent[0, 0] == 0


@pytest.mark.parametrize("name, temperature", PASSES)
def test_transpose_is_the_adjoint(name, temperature):
    rng = np.random.default_rng(6)
    metric, x, y = METRICS[name](3), rng.normal(size=(600, 3)), rng.normal(size=(550, 3))
    h, v = rng.normal(size=(550, 1)), rng.normal(size=(600, 1))
    log_partition, means = attend(dense, metric, x, y, temperature, h)
    moved = accumulate(
        dense,
        metric,
        y,
        x,
        temperature,
        v,
        query_bias=np.zeros(550),
        key_bias=-log_partition,
        swapped=True,
    )
    assert math.isclose((v * means).sum(), (moved * h).sum(), rel_tol=1e-10, abs_tol=1e-10)


@pytest.mark.parametrize("mistake", ["scale", "bias", "self", "window", "swap", "value"])
def test_the_comparison_rejects_a_wrong_engine(mistake):
    class Wrong:
        @staticmethod
        def change(metric, x, y, temperature, options):
            if mistake == "scale":
                temperature = temperature * (1 + 1e-10)
            elif mistake == "bias":
                options = options | {"key_bias": None}
            elif mistake == "self":
                options = options | {"exclude_self": False}
            elif mistake == "window":
                options = options | {"window": None}
            elif mistake == "swap":
                options = options | {"swapped": False}
            return (metric, x, y, temperature), options

        @classmethod
        def plan(cls, metric, x, y, temperature, **options):
            arguments, options = cls.change(metric, x, y, temperature, options)
            plan = dense.plan(*arguments, **options)
            if mistake == "value":
                plan.sums = lambda problem, values: dense.sums(problem, values * (1 + 1e-11))
            return plan

    rng = np.random.default_rng(7)
    x = rng.normal(size=(200, 3))
    arguments = (METRICS["one_sided_map"](3), x, x, 0.5, rng.normal(size=(200, 2)))
    options = {
        "key_bias": rng.normal(size=200),
        "exclude_self": True,
        "window": 2.5,
        "swapped": True,
    }
    assert distance_between(dense, naive, arguments, options) < 1
    assert distance_between(Wrong, naive, arguments, options) > 3


def test_a_user_function_is_compiled_once():
    first = compile_transform(sp.log(1 + S))
    assert compile_transform(sp.log(1 + S)) is first
    assert compile_point_function(skewed) is compile_point_function(skewed)


@pytest.mark.parametrize("power", [sp.Rational(p, 4) for p in range(-8, 13) if p != 0])
def test_square_roots_stand_for_powers(power):
    s = np.linspace(0.1, 3, 50)
    buffer = s.copy()
    pointer = buffer.ctypes.data_as(ctypes.POINTER(ctypes.c_double))
    compile_transform((S + 1) ** power).ctypes(pointer, pointer, 50, 0, 0, pointer)
    assert np.allclose(buffer, (s + 1) ** float(power), rtol=1e-15, atol=0)


POINTS = np.random.default_rng(8).normal(size=(30, 2))
FAR = POINTS + np.isin(np.arange(30), [17, 23])[:, None] * 50.0
ONES = np.ones((30, 1))
SQUARED = pseudo_metrics.squared_distance()


@pytest.mark.parametrize("engine", EXACT)
@pytest.mark.parametrize(
    "arguments, options, message",
    [
        (("f", POINTS, POINTS, 1.0, ONES), {}, "expected a PseudoMetric"),
        ((SQUARED, POINTS, POINTS, 0.0, ONES), {}, "temperature: got 0"),
        ((SQUARED, POINTS, POINTS[:, :1], 1.0, ONES), {}, "keys: got shape"),
        ((SQUARED, POINTS, POINTS, 1.0, ONES[:5]), {}, "values: got shape"),
        ((SQUARED, POINTS[:0], POINTS, 1.0, ONES), {}, "got 0 queries"),
        (
            (SQUARED, np.where(POINTS > 1, np.nan, POINTS), POINTS, 1.0, ONES),
            {},
            "queries: .* not finite",
        ),
        (
            (SQUARED, POINTS, POINTS, 1.0, ONES),
            {"key_bias": np.full(30, np.inf)},
            "key_bias: 30 of 30",
        ),
        ((SQUARED, POINTS, POINTS, 1.0, ONES), {"key_bias": np.zeros(3)}, "key_bias: got shape"),
        (
            (SQUARED, POINTS, POINTS, 1.0, ONES),
            {"key_bias": np.full(30, -np.inf)},
            r"query 0 .*\(30 of 30",
        ),
        ((SQUARED, POINTS, POINTS, 1.0, ONES), {"window": 0.0}, "window: got 0"),
        (
            (SQUARED, POINTS[:9], POINTS, 1.0, ONES),
            {"exclude_self": True},
            "exclude_self: got 9 queries and 30 keys",
        ),
        ((SQUARED, FAR, POINTS, 1.0, ONES), {"window": 9.0}, r"query 17 .*\(2 of 30"),
    ],
)
def test_bad_input_is_named(engine, arguments, options, message):
    with pytest.raises(InputError, match=message):
        attend(ENGINES[engine], *arguments, **options)


def nowhere(x, y):
    return math.nan if x[0] > 1 and y[0] > 1 else (x[0] - y[0]) ** 2


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("engine", EXACT)
def test_a_score_that_is_not_a_number_is_named(engine, swapped):
    bad = np.flatnonzero(POINTS[:, 0] > 1)
    with pytest.raises(
        InputError, match=rf"in {bad.size} of 30 rows, the first at query {bad[0]};"
    ):
        attend(
            ENGINES[engine],
            pseudo_metrics.user_function(nowhere),
            POINTS,
            POINTS,
            1.0,
            ONES,
            swapped=swapped,
        )


@pytest.mark.parametrize("engine", EXACT)
def test_a_score_of_minus_infinity_may_be_left_out_but_not_used(engine):
    logarithm = PseudoMetric("log r", "squared_distance", 0.5, transform=sp.log(S))
    log_partition, _ = attend(
        ENGINES[engine], logarithm, POINTS, POINTS, 1.0, ONES, exclude_self=True
    )
    r = np.linalg.norm(POINTS[:, None] - POINTS, axis=-1) + np.diag(np.full(30, np.inf))
    assert np.allclose(np.exp(log_partition), (1 / r).sum(axis=1))
    with pytest.raises(InputError, match="-inf, in 30 of 30 rows, the first at query 0"):
        attend(ENGINES[engine], logarithm, POINTS, POINTS, 1.0, ONES)


def test_an_exception_in_a_user_function_is_a_bad_score():
    def refuses(x, y):
        if x[0] > 1:
            raise ValueError("x is too large")
        return abs(x[0] - y[0])

    with pytest.raises(InputError, match="is not a number"):
        attend(dense, pseudo_metrics.user_function(refuses), POINTS, POINTS, 1.0, ONES)


@pytest.mark.parametrize(
    "function",
    [lambda x, y: missing(x), lambda x, y: x, lambda x: 1.0, len],  # noqa: F821
)
def test_a_function_that_cannot_be_compiled_is_refused_in_one_line(function):
    with pytest.raises(InputError, match="Numba cannot compile it") as caught:
        attend(dense, pseudo_metrics.user_function(function), POINTS, POINTS, 1.0, ONES)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("cross", "exclude_self"), [(False, False), (False, True), (True, False)])
def test_blocks_of_many_dimensions_agree_with_the_definition(cross, exclude_self):
    rng = np.random.default_rng(8)
    x, y = rng.standard_normal((300, 48)) / 7, rng.standard_normal((2100, 48)) / 7
    keys = y if cross else x
    values, bias = rng.standard_normal((len(keys), 5)), rng.standard_normal(len(keys))
    attend = {}
    for engine in ("dense", "naive"):
        operator = AttentionOperator(
            x,
            pseudo_metrics.squared_distance(),
            0.2,
            keys=y if cross else None,
            key_bias=bias,
            exclude_self=exclude_self,
            engine=engine,
        )
        attend[engine] = operator @ values
    assert np.abs(attend["dense"] - attend["naive"]).max() < 1e-12
    wrong = (
        AttentionOperator(
            x,
            pseudo_metrics.squared_distance(),
            0.204,
            keys=y if cross else None,
            key_bias=bias,
            exclude_self=exclude_self,
        )
        @ values
    )
    assert np.abs(wrong - attend["naive"]).max() > 1e-4


def test_blocks_do_not_depend_on_the_number_of_threads():
    x = np.random.default_rng(9).standard_normal((700, 64)) / 8
    found = []
    for threads in (1, numba.config.NUMBA_NUM_THREADS):
        numba.set_num_threads(threads)
        found.append(
            AttentionOperator(x, pseudo_metrics.squared_distance(), 0.1, engine="dense") @ x
        )
    assert np.array_equal(*found)
