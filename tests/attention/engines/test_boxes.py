"""The engine of boxes against the definition: near keys alone are looked at, and all of them."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from simulations.attention import AttentionOperator
from simulations.attention.engines import auto, boxes, choose_engine, naive
from simulations.attention.engines.problem import Problem, TooLarge
from theory.setting import pseudo_metrics
from theory.setting.checks import InputError

SQUARED = pseudo_metrics.squared_distance()
METRIC = pseudo_metrics.mahalanobis(np.diag([1.0, 2.0, 0.5]))


def sphere(n, seed=0, dim=3):
    x = np.random.default_rng(seed).normal(size=(n, dim))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def line(n, dim, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (n, dim))


# pseudo-metric, queries, keys, temperature
PROBLEMS = {
    "sphere": (SQUARED, sphere(1500), None, 2e-3),
    "other keys": (SQUARED, sphere(700), sphere(1500, 1), 2e-3),
    "line": (SQUARED, line(1500, 1), None, 1e-4),
    "plane": (SQUARED, line(1500, 2), None, 5e-4),
    "cluster far away": (
        SQUARED, np.vstack([sphere(1000), 1e-3 * sphere(500) + 40.0]), None, 1e-3
    ),
    "dot product": (pseudo_metrics.dot_product(), sphere(1500), None, 2e-3),
    "metric": (METRIC, sphere(1500), None, 2e-3),
    "duplicates": (SQUARED, np.repeat(sphere(500), 3, axis=0), None, 2e-3),
}  # fmt: skip


def of(name, seed):
    metric, x, y, temperature = PROBLEMS[name]
    y, rng, options = x if y is None else y, np.random.default_rng(seed), {}
    if seed % 2:
        bias = rng.normal(size=len(y))
        bias[rng.random(len(y)) < 0.1] = -np.inf
        options["key_bias"] = bias
    options["exclude_self"] = bool(x is y and seed > 1)
    return (metric, x, y, temperature), options


def rms_and_more(plan, reference, seed):
    rng = np.random.default_rng(seed)
    n, n_keys = len(reference.problem.queries), len(reference.problem.keys)
    h, v = rng.uniform(-1, 1, (n_keys, 3)), rng.normal(size=(n, 2))
    back = np.abs(plan.transpose(v) - reference.transpose(v)).sum(axis=0) / np.abs(v).sum(axis=0)
    return max(
        np.abs(plan.attend(h) - reference.attend(h)).max(),
        back.max(),
        np.abs(np.expm1(plan.log_partition - reference.log_partition)).max(),
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("tolerance", [1e-3, 1e-10])
def test_boxes_agree_with_the_definition(name, seed, tolerance):
    arguments, options = of(name, seed)
    plan = boxes.plan(*arguments, tolerance=tolerance, **options)
    reference = naive.plan(*arguments, **options)
    rounding = 1e-13 * np.abs(reference.log_partition).max()
    assert rms_and_more(plan, reference, seed) < tolerance + rounding
    assert plan._there.pairs < len(arguments[1]) * len(arguments[2]) / 2


@pytest.mark.parametrize("mistake", ["side", "run", "self", "temperature", "bias"])
def test_the_comparison_rejects_wrong_boxes(monkeypatch, mistake):
    arguments, options = of("sphere", 3)
    reference = naive.plan(*arguments, **options)
    wrong, wrong_options = list(arguments), dict(options)
    if mistake == "side":
        good = boxes.reach
        monkeypatch.setattr(
            boxes, "reach", lambda *a: (lambda found: (found[0], 0.4 * found[1]))(good(*a))
        )
    elif mistake == "run":
        good_boxes = boxes.boxes

        def without_a_run(*a):
            found = good_boxes(*a)
            found.runs[:, 2] = 0
            return found

        monkeypatch.setattr(boxes, "boxes", without_a_run)
    elif mistake == "self":
        wrong_options["exclude_self"] = False
    elif mistake == "temperature":
        wrong[3] *= 1 + 1e-8
    else:
        wrong_options["key_bias"] = options["key_bias"] + 1e-8 * np.arange(len(wrong[1])) / 1500
    plan = boxes.plan(*wrong, tolerance=1e-10, **wrong_options)
    assert rms_and_more(plan, reference, 3) > 1e-10


@pytest.mark.parametrize("name", PROBLEMS)
def test_same_bits_for_any_number_of_threads(name):
    arguments, options = of(name, 1)
    found = []
    for threads in (1, numba.config.NUMBA_NUM_THREADS):
        numba.set_num_threads(threads)
        plan = boxes.plan(*arguments, **options)
        found.append((plan.attend(arguments[2]), plan.transpose(arguments[1])))
    assert all(np.array_equal(*both) for both in zip(*found, strict=True))


def test_auto_takes_boxes_where_grid_and_matrix_do_not_fit():
    x = sphere(300_000)
    assert choose_engine(SQUARED, x, x, 1e-5, tolerance=1e-10) == "boxes"
    cost = auto.expected_seconds(Problem.checked(SQUARED, x, x, 1e-5), 1e-10)
    assert cost["boxes"] < cost["dense"] / 20
    h = np.column_stack([x[:, 0], x[:, 0] * x[:, 1]])
    picked = AttentionOperator(x, SQUARED, 1e-5)
    few = AttentionOperator(x[:50], SQUARED, 1e-5, keys=x, engine="dense")
    assert np.abs((picked @ h)[:50] - few @ h).max() < 1e-10


@pytest.mark.parametrize(
    ("metric", "temperature", "options", "error", "message"),
    [
        (SQUARED, 1.0, {}, TooLarge, "pairs are near, of 400 queries"),
        (SQUARED, 1e-3, {"window": 1.0}, InputError, "or have a window"),
        (pseudo_metrics.transformed_distance("r"), 1e-3, {}, InputError, "are no Gaussians"),
        (SQUARED, 1e-3, {"tolerance": 0.5}, InputError, "tolerance: got 0.5, expected at most 0.1"),
        (SQUARED, 1e-5, {"key_bias": np.full(400, -np.inf)}, InputError, "left with no key"),
    ],
)
def test_what_boxes_cannot_do_is_refused(metric, temperature, options, error, message):
    with pytest.raises(error, match=message):
        boxes.plan(metric, sphere(400), sphere(400), temperature, **options)


def test_a_query_far_from_all_keys_is_refused():
    with pytest.raises(TooLarge, match="from the keys"):
        boxes.plan(SQUARED, sphere(400) + 9.0, sphere(400), 1e-4)
