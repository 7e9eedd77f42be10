"""The engines that leave something out, against the definition: within their tolerance, and not by
luck.
"""

from __future__ import annotations

import tracemalloc
import warnings

import numba
import numpy as np
import pytest

from simulations.attention import AttentionOperator
from simulations.attention.engines import (
    auto,
    choose_engine,
    dense,
    gauss_transform,
    naive,
    nufft,
    sparse,
    truncated,
)
from simulations.attention.engines.gaussian import gaussian_form
from simulations.attention.engines.nufft import FarTokensWarning
from simulations.attention.engines.problem import Problem
from theory.setting import pseudo_metrics
from theory.setting.checks import InputError
from theory.setting.pseudo_metrics import PseudoMetric

SQUARED = pseudo_metrics.squared_distance()


def sphere(n, seed=0, dim=3):
    x = np.random.default_rng(seed).normal(size=(n, dim))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def cloud(n, dim, seed=0):
    return np.random.default_rng(seed).normal(size=(n, dim))


def matrix(rows, dim):
    return np.random.default_rng(dim).normal(size=(rows, dim)) / dim**0.5


def positive_definite(dim):
    a = matrix(dim, dim)
    return a @ a.T + 0.5 * np.eye(dim)


def errors(plan, reference, seed=0):
    """Of denominators, of means and of the transpose, each in the sense of `Engine.plan`."""
    rng = np.random.default_rng(seed)
    n, n_keys = len(reference.problem.queries), len(reference.problem.keys)
    values = np.column_stack(
        [rng.normal(size=n_keys), 1e6 * rng.choice([-1.0, 1.0], n_keys), np.ones(n_keys)]
    )
    measures = rng.normal(size=(n, 3)) * [1, 1e-6, 1]
    means = np.abs(plan.attend(values) - reference.attend(values)) / np.abs(values).max(axis=0)
    moved = np.abs(plan.transpose(measures) - reference.transpose(measures)).sum(axis=0) / np.abs(
        measures
    ).sum(axis=0)
    z = np.abs(np.expm1(plan.log_partition - reference.log_partition))
    return max(z.max(), means.max(), moved.max())


# name: metric, queries, keys, temperature; every one within reach of the transform
GAUSSIAN = {
    "line": (SQUARED, cloud(900, 1), None, 0.01),
    "plane": (SQUARED, cloud(900, 2), None, 0.05),
    "sphere": (SQUARED, sphere(900), None, 0.02),
    "cross": (SQUARED, cloud(700, 2), cloud(500, 2, 1), 0.05),
    "Mahalanobis": (pseudo_metrics.mahalanobis(matrix(2, 5)), cloud(800, 5), None, 0.1),
    "two maps": (
        PseudoMetric("|Wx-y|^2", "squared_distance", 0.5, query_map=lambda x: x @ matrix(3, 3)),
        sphere(600),
        sphere(500, 1),
        0.3,
    ),
    "dot product": (pseudo_metrics.dot_product(), sphere(900), None, 0.1),
    "positive definite": (pseudo_metrics.dot_product(positive_definite(3)), sphere(900), None, 0.3),
    "any matrix": (pseudo_metrics.dot_product(matrix(3, 3)), sphere(900), None, 0.5),
    "cosine": (pseudo_metrics.cosine(), cloud(900, 3), None, 0.1),
}


def problem(name, seed, **options):
    metric, x, y, temperature = GAUSSIAN[name]
    y = x if y is None else y
    rng = np.random.default_rng(seed)
    if seed % 2:
        bias = rng.normal(size=len(y))
        bias[rng.random(len(y)) < 0.1] = -np.inf
        options["key_bias"] = bias
    options["exclude_self"] = bool(x is y and seed % 3 == 1)
    options["swapped"] = bool(seed % 4 > 1)
    return (metric, x, y, temperature), options


@pytest.fixture
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FarTokensWarning)
        yield


@pytest.fixture
def eager(monkeypatch):
    """Problems too small to pay go through the transform all the same."""
    monkeypatch.setattr(nufft, "dense_seconds", lambda n, *rest: 1e-3 * n)


@pytest.mark.usefixtures("quiet", "eager")
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", GAUSSIAN)
def test_nufft_agrees_with_the_definition(name, seed):
    tolerance = [1e-12, 1e-3, 1e-10, 1e-6][(seed + list(GAUSSIAN).index(name)) % 4]
    arguments, options = problem(name, seed)
    plan = nufft.plan(*arguments, tolerance=tolerance, **options)
    assert plan.engine == "nufft" and len(plan.far) < len(arguments[1]) / 4
    error = errors(plan, naive.plan(*arguments, **options), seed)
    assert error < tolerance + 1e-13 * np.abs(plan.log_partition).max(), len(plan.far)


@pytest.mark.usefixtures("quiet", "eager")
def test_a_loose_tolerance_is_not_tight():
    arguments, options = problem("sphere", 1)
    loose = errors(
        nufft.plan(*arguments, tolerance=1e-3, **options), naive.plan(*arguments, **options)
    )
    assert 1e-8 < loose < 1e-3


@pytest.mark.usefixtures("quiet", "eager")
@pytest.mark.parametrize("mistake", ["temperature", "bias", "self", "period", "modes", "own"])
def test_the_comparison_rejects_a_wrong_transform(monkeypatch, mistake):
    arguments, options = problem("sphere", 1)
    wrong, wrong_options = list(arguments), dict(options)
    if mistake == "temperature":
        wrong[3] *= 1 + 1e-8
    elif mistake == "bias":
        wrong_options["key_bias"] = options["key_bias"] + 1e-8 * np.arange(len(arguments[1])) / len(
            arguments[1]
        )
    elif mistake == "self":
        wrong_options["exclude_self"] = False
    elif mistake == "own":
        monkeypatch.setattr(
            nufft.NufftPlan, "_own_terms", lambda self: np.full(len(self._targets), 1e-6)
        )
    else:

        def shape(extent, width, accuracy, good=gauss_transform.grid_shape):
            period, modes = good(extent, width, accuracy)
            return (period * 0.6, modes) if mistake == "period" else (period, modes - 10)

        monkeypatch.setattr(gauss_transform, "grid_shape", shape)
        # the measured errors would see it
        monkeypatch.setattr(
            nufft.NufftPlan, "_bad", lambda self, errors: np.zeros(len(self._targets), dtype=bool)
        )
    plan = nufft.plan(*wrong, tolerance=1e-10, **wrong_options)
    assert errors(plan, naive.plan(*arguments, **options)) > 3e-10


@pytest.mark.usefixtures("eager")
def test_far_tokens_are_told_and_computed_over_all_pairs():
    x = np.vstack([sphere(1500), [[3, 0, 0], [40, 0, 0], [40.1, 0, 0], [1e5, 1e5, 0]]])
    arguments = (SQUARED, x, x, 0.01)
    for options in ({}, {"key_bias": np.linspace(0, 3, len(x))}, {"exclude_self": True}):
        with pytest.warns(FarTokensWarning, match=r"computes \d+ of 1504 queries over all pairs"):
            plan = nufft.plan(*arguments, tolerance=1e-8, **options)
        assert set(range(1500, 1504)) <= set(plan.far.tolist())
        assert max(plan._transform.grid.modes) < 200
        assert errors(plan, dense.plan(*arguments, **options)) < 1e-8


@pytest.mark.usefixtures("eager", "quiet")
@pytest.mark.parametrize("blind", [False, True])
def test_without_the_fallback_a_far_query_would_get_noise(monkeypatch, blind):
    queries, keys = np.vstack([sphere(300, 1), [[1.9, 0, 0]]]), sphere(1500)
    if blind:
        monkeypatch.setattr(
            nufft.NufftPlan, "_bad", lambda self, errors: np.zeros(len(self._targets), dtype=bool)
        )
        monkeypatch.setattr(nufft, "_core", lambda form, gap: (None, None))
    plan = nufft.plan(SQUARED, queries, keys, 0.01, tolerance=1e-4)
    values = np.random.default_rng(0).normal(size=(1500, 1))
    error = np.abs(
        plan.attend(values) - naive.plan(SQUARED, queries, keys, 0.01).attend(values)
    ).max()
    assert error > 1e-2 if blind else error < 1e-4


def test_where_most_tokens_are_far_all_pairs_are_computed():
    x = cloud(3000, 3)
    with pytest.warns(FarTokensWarning, match="all 3000 queries over all pairs"):
        plan = nufft.plan(SQUARED, x, x, 0.05)
    assert plan.engine == "dense"
    with pytest.warns(FarTokensWarning):
        operator = AttentionOperator(x, SQUARED, 0.05, engine="nufft")
        operator @ np.ones(3000)
    assert operator.engine == "dense"


@pytest.mark.usefixtures("eager")
def test_self_attention_left_out_without_cancellation():
    """A token whose only neighbour at this temperature is itself: its own term hides all others."""
    x = np.vstack([sphere(800), [[2.2, 0, 0]]])
    with pytest.warns(FarTokensWarning):
        plan = nufft.plan(SQUARED, x, x, 0.02, exclude_self=True, tolerance=1e-9)
    assert 800 in plan.far
    assert errors(plan, naive.plan(SQUARED, x, x, 0.02, exclude_self=True)) < 1e-9


@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="one thread only")
@pytest.mark.usefixtures("quiet", "eager")
def test_threads_change_nothing_beyond_the_tolerance():
    x, before, means = sphere(20_000), numba.get_num_threads(), []
    values = np.random.default_rng(0).normal(size=(len(x), 2))
    try:
        for threads in (1, 2):
            numba.set_num_threads(threads)
            means.append(nufft.plan(SQUARED, x, x, 0.01, tolerance=1e-10).attend(values))
    finally:
        numba.set_num_threads(before)
    assert np.abs(means[0] - means[1]).max() < 1e-13


@pytest.mark.usefixtures("quiet", "eager")
def test_set_up_is_done_once(monkeypatch):
    made = []
    original = gauss_transform.GaussGrid.plan
    monkeypatch.setattr(
        gauss_transform.GaussGrid, "plan", lambda self: made.append(1) or original(self)
    )
    x = sphere(2000)
    operator = AttentionOperator(x, SQUARED, 0.05, engine="nufft", tolerance=1e-8)
    h = operator @ x
    first = len(made)
    assert first > 0
    for _ in range(3):
        h = operator @ h
        operator.T @ h[:, 0]
    assert operator.log_partition.shape == (2000,) and len(made) == first


@pytest.mark.usefixtures("quiet", "eager")
def test_nufft_memory_is_a_few_numbers_a_token():
    n = 200_000
    x, values = sphere(n), np.ones((n, 2))
    tracemalloc.start()
    try:
        plan = nufft.plan(SQUARED, x, x, 0.05, tolerance=1e-6)
        plan.attend(values)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 300 * n


def test_gaussian_forms_are_the_exponents():
    for name in GAUSSIAN:
        (metric, x, y, temperature), options = problem(name, 2)
        p = Problem.checked(metric, x, y, temperature, **options)
        form = gaussian_form(p)
        squared = ((form.queries[:, None] - form.keys) ** 2).sum(axis=2)
        t = -squared / (4 * form.width) + form.key_exponent + form.query_exponent[:, None]
        expected = naive.exponents(p)
        off = ~np.eye(len(x), len(y), dtype=bool)
        assert np.abs(t - expected)[off].max() < 1e-11 * np.abs(expected[off]).max(), name
    # where the form is positive definite, queries and keys are the same points
    metric = pseudo_metrics.dot_product(positive_definite(3))
    form = gaussian_form(Problem.checked(metric, sphere(50), sphere(50), 1.0))
    assert form.queries is form.keys


@pytest.mark.parametrize(
    ("metric", "n", "dim", "temperature", "options", "engine"),
    [
        (SQUARED, 20_000, 3, 0.05, {}, "dense"),
        (SQUARED, 300_000, 3, 0.05, {}, "nufft"),
        (SQUARED, 100_000, 1, 1e-3, {}, "nufft"),
        (pseudo_metrics.dot_product(), 300_000, 3, 1.0, {}, "nufft"),
        (SQUARED, 100_000, 3, 1e-4, {}, "boxes"),
        (SQUARED, 100_000, 3, 1e-6, {}, "truncated"),
        (pseudo_metrics.transformed_distance("r"), 50_000, 3, 1e-3, {}, "truncated"),
        (SQUARED, 50_000, 3, 0.05, {"window": 0.02}, "truncated"),
        (SQUARED, 50_000, 8, 1.0, {}, "dense"),
        (pseudo_metrics.dot_product(), 50_000, 4, 1.0, {}, "dense"),
        (SQUARED, 300_000, 3, 0.05, {"tolerance": 1e-16}, "dense"),
        (pseudo_metrics.user_function(lambda x, y: abs(x[0] - y[0])), 50_000, 2, 1.0, {}, "dense"),
    ],
)
def test_auto_takes_the_engine_that_fits(metric, n, dim, temperature, options, engine):
    x = sphere(n, dim=dim) if dim > 1 else cloud(n, 1)
    assert choose_engine(metric, x, x, temperature, **options) == engine


@pytest.mark.usefixtures("quiet")
def test_auto_agrees_and_says_what_it_took(monkeypatch):
    monkeypatch.setattr(auto, "ALWAYS_DENSE", 0)
    monkeypatch.setattr(auto, "ADVANTAGE", 1e-3)
    x, h = sphere(3000), cloud(3000, 2)
    taken = set()
    for temperature in (1e-6, 0.05):
        operator = AttentionOperator(x, SQUARED, temperature)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert (
                np.abs(
                    operator @ h - AttentionOperator(x, SQUARED, temperature, engine="dense") @ h
                ).max()
                < 1e-9
            )
        taken.add(operator.engine)
    assert len(taken) == 2
    monkeypatch.setattr(truncated, "LARGEST_NUMBER_OF_ENTRIES", 100)
    monkeypatch.setattr(auto, "cheapest", lambda *a: "truncated")
    assert AttentionOperator(x, SQUARED, 1e-6).engine == "dense"


def skewed(x, y):
    return (x[0] - y[1]) ** 2 + 0.3 * x[1] * y[0]


# name: metric, dimension, temperature, window
NEIGHBOURS = {
    "squared distance": (SQUARED, 3, 0.02, None),
    "distance": (pseudo_metrics.transformed_distance("r"), 2, 0.03, None),
    "logarithm": (pseudo_metrics.transformed_distance("log(1 + r**2)"), 2, 0.01, None),
    "Mahalanobis": (pseudo_metrics.mahalanobis(matrix(4, 6)), 6, 0.05, None),
    "two maps": (
        PseudoMetric("|Wx-y|^2", "squared_distance", 0.5, query_map=lambda x: x @ matrix(3, 3)),
        3,
        0.05,
        None,
    ),
    "cold": (SQUARED, 3, 1e-9, None),
    "window": (SQUARED, 2, 0.3, 0.7),
    "window of a dot product": (pseudo_metrics.dot_product(matrix(3, 3)), 3, 0.3, 2.0),
    "window of a function": (pseudo_metrics.user_function(skewed), 2, 0.5, 1.5),
}


def local_problem(name, seed, n=400):
    metric, dim, temperature, window = NEIGHBOURS[name]
    rng, x = np.random.default_rng(seed), cloud(n, dim, seed)
    y = x if seed % 2 == 0 or window else cloud(n + 100, dim, seed + 9)
    options = {
        "swapped": bool(seed % 4 > 1),
        "exclude_self": bool(y is x and seed % 3 == 1 and not window),
    }
    if window:
        options["window"] = window
    if seed % 3:
        options["key_bias"] = np.where(rng.random(len(y)) < 0.1, -np.inf, rng.normal(size=len(y)))
        if window:
            options["key_bias"] = rng.normal(size=len(y))
    return (metric, x, y, temperature), options


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", NEIGHBOURS)
def test_truncated_agrees_with_the_definition(monkeypatch, name, seed):
    monkeypatch.setattr(sparse, "PAIRS_AT_ONCE", 3000)
    tolerance = [1e-3, 1e-12, 1e-6][seed % 3]
    arguments, options = local_problem(name, seed)
    plan = truncated.plan(*arguments, tolerance=tolerance, **options)
    error = errors(plan, naive.plan(*arguments, **options), seed)
    assert error < tolerance + 1e-14 * np.abs(plan.log_partition).max() + 1e-13
    assert np.abs(plan.attend(np.ones((len(arguments[2]), 1))) - 1).max() < 1e-14


@pytest.mark.parametrize("mistake", ["radius", "tolerance", "self", "window"])
def test_the_comparison_rejects_wrong_neighbours(monkeypatch, mistake):
    arguments, options = local_problem("window" if mistake == "window" else "squared distance", 4)
    exact = naive.plan(*arguments, **options)
    if mistake == "radius":
        good = truncated.TruncatedPlan._radii
        monkeypatch.setattr(truncated.TruncatedPlan, "_radii", lambda *a: 0.7 * good(*a))
    elif mistake == "window":
        options = options | {"window": options["window"] * 0.98}
    elif mistake == "self":
        options = options | {"exclude_self": not options["exclude_self"]}
    wrong = truncated.plan(
        *arguments, tolerance=1e-3 if mistake == "tolerance" else 1e-10, **options
    )
    assert errors(wrong, exact) > 1e-8


def test_truncated_keeps_fewer_weights_at_a_loose_tolerance():
    x = sphere(2000)
    entries = [
        truncated.plan(SQUARED, x, x, 1e-3, tolerance=t).entries for t in (1e-12, 1e-6, 1e-3)
    ]
    assert len(x) < entries[2] < entries[1] < entries[0] < len(x) ** 2 / 5


@pytest.mark.skipif(numba.config.NUMBA_NUM_THREADS < 2, reason="one thread only")
def test_truncated_gives_the_same_bits_for_any_number_of_threads():
    x, before, means = sphere(3000), numba.get_num_threads(), []
    try:
        for threads in (1, 2):
            numba.set_num_threads(threads)
            plan = truncated.plan(SQUARED, x, x, 1e-3)
            means.append((plan.attend(x), plan.transpose(x)))
    finally:
        numba.set_num_threads(before)
    assert np.array_equal(means[0][0], means[1][0]) and np.array_equal(means[0][1], means[1][1])


def test_neighbours_are_searched_once(monkeypatch):
    calls = []
    monkeypatch.setattr(
        truncated, "pairs_within", lambda *a: calls.append(1) or sparse.pairs_within(*a)
    )
    x = sphere(500)
    operator = AttentionOperator(x, SQUARED, 0.01, engine="truncated")
    h = operator @ (operator @ x)
    assert operator.T @ h[:, 0] is not None and len(calls) == 1


def test_too_many_neighbours_are_refused(monkeypatch):
    monkeypatch.setattr(truncated, "LARGEST_NUMBER_OF_ENTRIES", 10_000)
    with pytest.raises(InputError, match="weights could matter, at most 1e.04"):
        truncated.plan(SQUARED, sphere(500), sphere(500), 1.0)


@pytest.mark.parametrize(
    ("metric", "options", "message"),
    [
        (pseudo_metrics.dot_product(), {}, "does not grow with the distance"),
        (
            PseudoMetric(
                "falling", "squared_distance", transform=pseudo_metrics.S * (2 - pseudo_metrics.S)
            ),
            {},
            "does not grow",
        ),
        (PseudoMetric("repelling", "squared_distance", -1.0), {}, "does not grow"),
        (pseudo_metrics.user_function(skewed), {}, "does not grow"),
        (SQUARED, {"window": 1e-3, "exclude_self": True}, "left with no key"),
        (SQUARED, {"key_bias": np.full(40, -np.inf)}, "left with no key"),
        (SQUARED, {"tolerance": 0.5}, "tolerance: got 0.5"),
        (pseudo_metrics.user_function(lambda x, y: np.nan), {"window": 1.0}, "is not a number"),
    ],
)
def test_what_neighbours_cannot_do_is_refused(metric, options, message):
    with pytest.raises(InputError, match=message):
        truncated.plan(metric, X, X, 1.0, **options)


X = cloud(40, 2)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (
            (SQUARED, X, X, 1.0),
            {"window": 1.0},
            "engine nufft: got a window, expected none; engine 'truncated'",
        ),
        ((pseudo_metrics.transformed_distance("r"), X, X, 1.0), {}, "no Gaussians"),
        ((SQUARED, cloud(40, 4), cloud(40, 4), 1.0), {}, r"points of R\^4, expected at most R\^3"),
        ((SQUARED, X, X, 1.0), {"tolerance": 1e-20}, "tolerance: got 1e-20"),
        ((SQUARED, X, X, 1.0), {"tolerance": 0.0}, "tolerance: got 0"),
        ((SQUARED, X, X, 1.0), {"key_bias": np.full(40, -np.inf)}, "left with no key"),
        ((SQUARED, X, X, 0.0), {}, "temperature: got 0"),
        ((SQUARED, cloud(40, 3), cloud(40, 3), 1e-7), {}, "grid of .* temperature is too small"),
    ],
)
def test_what_the_transform_cannot_do_is_refused(arguments, options, message):
    with pytest.raises(InputError, match=message):
        nufft.plan(*arguments, **options)
