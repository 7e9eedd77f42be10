"""The engine that should be cheapest, by the cost model of simulations/engines/costs.py."""

from __future__ import annotations

import math

import numpy as np
from scipy.spatial import cKDTree

from simulations.attention.engines import boxes, dense, nufft, truncated
from simulations.attention.engines.costs import (
    FUNCTION_FACTOR,
    ONLINE_FACTOR,
    boxes_seconds,
    dense_seconds,
    nufft_seconds,
    truncated_seconds,
)
from simulations.attention.engines.gauss_transform import LARGEST_GRID, grid_shape
from simulations.attention.engines.gaussian import gaussian_form
from simulations.attention.engines.problem import Problem, TooLarge
from simulations.attention.engines.sparse import count_within

# pairs up to which APPLICATIONS of them all take a few seconds, and are exact to rounding
ALWAYS_DENSE = 400_000_000
ADVANTAGE = 3.0  # how many times cheaper than dense another engine must be
APPLICATIONS = 4  # that share the set-up, unless told otherwise
NUFFT_SETUP = 4  # applications that the set-up costs
VALUES = 2
_SAMPLE, _THINNED = 200, 20_000
_COMPARED = 4_000  # keys that the boxes of a sample are held against, each with each

_ENGINES = {"boxes": boxes, "dense": dense, "nufft": nufft, "truncated": truncated}


def plan(
    pseudo_metric,
    queries,
    keys,
    temperature,
    *,
    tolerance=1e-10,
    applications: int = APPLICATIONS,
    **options,
):
    """See `simulations.attention.engines.Engine`; the plan's `engine` tells which one it is.

    applications: how many are expected to share the set-up.
    """
    problem = Problem.checked(pseudo_metric, queries, keys, temperature, **options)
    name = cheapest(problem, tolerance, applications)
    arguments = (pseudo_metric, problem.queries, problem.keys, temperature)
    try:
        return _ENGINES[name].plan(*arguments, tolerance=tolerance, **options)
    except TooLarge:
        return dense.plan(*arguments, **options)


def choose_engine(
    pseudo_metric,
    queries,
    keys,
    temperature,
    *,
    tolerance=1e-10,
    applications: int = APPLICATIONS,
    **options,
) -> str:
    """The name of the engine that `engine="auto"` starts with; arguments as for `plan`."""
    problem = Problem.checked(pseudo_metric, queries, keys, temperature, **options)
    return cheapest(problem, tolerance, applications)


def cheapest(problem: Problem, tolerance: float, applications: int = APPLICATIONS) -> str:
    """As `choose_engine`, of a checked problem."""
    pairs = len(problem.queries) * len(problem.keys)
    if pairs * applications <= ALWAYS_DENSE * APPLICATIONS:
        return "dense"
    seconds = expected_seconds(problem, tolerance, applications)
    best = min(seconds, key=seconds.get)
    return best if seconds[best] * ADVANTAGE < seconds["dense"] else "dense"


def expected_seconds(
    problem: Problem, tolerance: float, applications: int = APPLICATIONS
) -> dict[str, float]:
    """Core-seconds of set-up and applications to two features, by engine; inf where an engine
    cannot do it.
    """
    return {
        "dense": _dense(problem) * applications,
        "boxes": _boxes(problem, tolerance, applications),
        "nufft": _nufft(problem, tolerance) * (applications + NUFFT_SETUP),
        "truncated": _truncated(problem, tolerance, applications),
    }


def _dense(problem):
    x, y = problem.mapped
    factor = 1.0 if dense.is_bounded(problem) else ONLINE_FACTOR
    if problem.pseudo_metric.form == "function":
        factor = FUNCTION_FACTOR
    return dense_seconds(len(x), len(y), x.shape[1], VALUES, factor)


def _nufft(problem, tolerance):
    form = gaussian_form(problem)
    if form is None or form.dim > nufft.LARGEST_DIMENSION or tolerance < nufft.SMALLEST_TOLERANCE:
        return math.inf
    accuracy = tolerance / 4
    low, high = (
        np.minimum(form.queries.min(axis=0), form.keys.min(axis=0)),
        np.maximum(form.queries.max(axis=0), form.keys.max(axis=0)),
    )
    modes = grid_shape(high - low, form.width, accuracy)[1]
    return nufft_seconds(len(form.queries), len(form.keys), accuracy, modes, LARGEST_GRID)[0]


def _boxes(problem, tolerance, applications):
    """From the keys of a sample in the boxes around a sample of the queries."""
    form = gaussian_form(problem)
    if form is None or form.dim > boxes.LARGEST_DIMENSION:
        return math.inf
    bias = form.key_exponent[np.isfinite(form.key_exponent)]
    if not len(bias):
        return math.inf
    rng = np.random.default_rng(0)
    # of tokens that attend to themselves the nearest exponent is about the mean of the biases
    spread = math.log(np.exp(bias - bias.max()).sum()) + bias.max() - bias.mean()
    side = math.sqrt(4 * form.width * (spread + math.log(4 / tolerance)))
    x = form.queries[rng.integers(len(form.queries), size=_SAMPLE)]
    y = form.keys[rng.integers(len(form.keys), size=min(_COMPARED, len(form.keys)))]
    near = np.abs(x[:, None] - y).max(axis=2) < 1.5 * side
    pairs = len(form.queries) * len(form.keys) * max(near.mean(), 1 / len(form.keys))
    return boxes_seconds(pairs, len(form.queries), VALUES, applications)


def _truncated(problem, tolerance, applications):
    """From the neighbours that a sample of the queries has in a sample of the keys."""
    rng = np.random.default_rng(0)
    queries = rng.integers(len(problem.queries), size=_SAMPLE)
    keys = np.flatnonzero(np.isfinite(problem.key_bias))
    if not len(keys) or problem.pseudo_metric.form == "function":
        return math.inf
    thinned = keys[rng.integers(len(keys), size=min(_THINNED, len(keys)))]
    if problem.squared_window < np.inf:
        x, y, radius = problem.queries, problem.keys, math.sqrt(problem.squared_window)
    else:
        profile = truncated.profile(problem)
        if profile is None:
            return math.inf
        (x, y), bias = problem.mapped, problem.key_bias[keys]
        spread = math.log(np.exp(bias - bias.max()).sum()) + bias.max() - bias.mean()
        level = profile(np.zeros(1)) + spread + math.log(4 / tolerance)
        radius = math.sqrt(
            truncated.inverse(profile, level, 4 * truncated.squared_diameter(problem))[0]
        )
    share = count_within(cKDTree(y[thinned]), x[queries], np.full(_SAMPLE, radius)).mean() / len(
        thinned
    )
    entries = max(1.0, share * len(keys)) * len(problem.queries)
    if entries > truncated.LARGEST_NUMBER_OF_ENTRIES:
        return math.inf
    return truncated_seconds(entries, VALUES, applications)
