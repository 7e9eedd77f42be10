"""Gaussian attention to near keys alone, in up to three dimensions: points lie in boxes as wide as
the kernel reaches, and a query sees the keys of its own box and of those around it, afresh at each
application.

For small temperatures: nothing is kept of a pair, so memory is O(N) where the matrix of `truncated`
would not fit, and there is no set-up beyond a sort.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.spatial import cKDTree

from simulations.attention.engines.dense_kernels import boxes_pass
from simulations.attention.engines.gaussian import GaussianForm, gaussian_form
from simulations.attention.engines.problem import Problem, TooLarge, require_keys
from theory.setting.checks import InputError, finite_array, positive

LARGEST_DIMENSION = 3
MOST_BOXES = 2**62  # along all axes together: their numbers are integers
MOST_EXPONENT = 600.0  # of a weight over that of the nearest key: more would overflow
WORTH = 2.0  # how many times fewer pairs than all of them the engine must look at


def plan(pseudo_metric, queries, keys, temperature, *, tolerance=1e-10, **options):
    """See `simulations.attention.engines.Engine`.

    Raises InputError for scores that are no Gaussians in up to 3 dimensions, and where the kernel
    reaches so far that boxes save nothing.
    """
    problem = Problem.checked(pseudo_metric, queries, keys, temperature, **options)
    return BoxesPlan(problem, check(problem, tolerance), tolerance)


def check(problem: Problem, tolerance: float) -> GaussianForm:
    """The Gaussian form of the problem, or raise InputError where there is none of the engine's."""
    if positive("tolerance", tolerance) > 0.1:
        raise InputError(f"tolerance: got {tolerance:g}, expected at most 0.1 for engine 'boxes'")
    form = gaussian_form(problem)
    if form is None or form.dim > LARGEST_DIMENSION:
        raise InputError(
            f"engine boxes: weights of the score {problem.pseudo_metric.name!r} are no Gaussians in "
            f"up to {LARGEST_DIMENSION} dimensions, or have a window, expected a multiple of a "
            "squared distance or a dot product; engine 'dense' takes every score"
        )
    return form


@dataclass(frozen=True)
class Boxes:
    """Which keys are near which queries: both sorted by the box they lie in.

    query_order (n,), key_order (nk,): numbers in the order of the boxes. starts (b + 1,): where the
    queries of each box that holds any begin. runs (b, 3^(m - 1), 2): the sorted keys near them.
    """

    query_order: np.ndarray
    key_order: np.ndarray
    starts: np.ndarray
    runs: np.ndarray

    @property
    def pairs(self) -> float:
        """How many pairs of a query and a near key there are."""
        near = (self.runs[:, :, 1] - self.runs[:, :, 0]).sum(axis=1)
        return float(np.diff(self.starts).astype(np.float64) @ near)


def boxes(queries, keys, side: float) -> Boxes:
    """Boxes of the given side for queries (n, m) and keys (nk, m): keys within it of a query are
    near. Raises TooLarge where boxes cannot be numbered."""
    low = np.minimum(queries.min(axis=0), keys.min(axis=0))
    high = np.maximum(queries.max(axis=0), keys.max(axis=0))
    counts = np.floor((high - low) / side) + 3  # an empty box at either end
    if np.prod(counts) > MOST_BOXES:
        raise TooLarge(
            f"engine boxes: {np.prod(counts):.2g} boxes would be needed, more than {MOST_BOXES:.2g}"
        )
    strides = np.append(np.cumprod(counts[:0:-1])[::-1], 1).astype(np.int64)

    def numbers(points):
        return (np.floor((points - low) / side).astype(np.int64) + 1) @ strides

    of_queries, of_keys = numbers(queries), numbers(keys)
    query_order, key_order = (np.argsort(a, kind="stable") for a in (of_queries, of_keys))
    occupied, starts = np.unique(of_queries[query_order], return_index=True)
    sorted_keys = of_keys[key_order]
    runs = np.empty((len(occupied), 3 ** (len(low) - 1), 2), dtype=np.int64)
    # along the last axis neighbours have neighbouring numbers
    for run, steps in enumerate(itertools.product((-1, 0, 1), repeat=len(low) - 1)):
        centre = occupied + int(np.dot(steps, strides[:-1]))
        runs[:, run, 0] = np.searchsorted(sorted_keys, centre - 1, "left")
        runs[:, run, 1] = np.searchsorted(sorted_keys, centre + 1, "right")
    return Boxes(query_order, key_order, np.append(starts, len(queries)), runs)


class BoxesPlan:
    """Attention to the keys in the boxes around each query; 100 bytes a token besides the points.

    All keys farther than the side of a box weigh together less than tolerance/4 of the nearest.
    """

    engine = "boxes"

    def __init__(self, problem: Problem, form: GaussianForm, tolerance: float):
        require_keys(np.full(len(form.queries), not np.isfinite(form.key_exponent).any()))
        # exponents of keys that are alike are small beside the largest, and lose nothing by rounding
        most = form.key_exponent.max()
        of_keys, of_queries = form.key_exponent - most, form.query_exponent + most
        form = replace(form, key_exponent=of_keys, query_exponent=of_queries)
        self.problem, self._form = problem, form
        self._nearest, self._side = reach(form, tolerance, problem.exclude_self)
        self._there = boxes(form.queries, form.keys, self._side)
        if self._there.pairs * WORTH > len(form.queries) * len(form.keys):
            raise TooLarge(
                f"engine boxes: {self._there.pairs:.2g} pairs are near, of {len(form.queries)} "
                f"queries and {len(form.keys)} keys, expected a smaller temperature, or engine "
                "'dense' or 'nufft'"
            )

    @cached_property
    def log_partition(self) -> np.ndarray:
        """log sum_j exp(t_ij), (n,)."""
        return self._log_total + (self._form.query_exponent - self._nearest)

    @cached_property
    def _log_total(self):
        """log sum_j exp(t_ij) less the exponent of the best of the nearest keys, (n,)."""
        return np.log(self._sums(np.empty((len(self._form.keys), 0)))[:, 0])

    def attend(self, values) -> np.ndarray:
        """sum_j exp(t_ij - log_partition_i) values_j, (n, c)."""
        sums = self._sums(self.problem.values(values))
        return sums[:, 1:] / sums[:, :1]

    def transpose(self, values) -> np.ndarray:
        """sum_i values_i exp(t_ij - log_partition_i), (nk, c), of values (n, c)."""
        form = self._form
        values = finite_array("values", values, (len(form.queries), None))
        # without the query's own part, which may be so large that nothing would be left of the rest
        weight = self._nearest - self._log_total
        # a key without weight answers nobody
        answers = np.isfinite(form.key_exponent)
        shift = np.where(answers, -form.key_exponent, 0.0)
        arguments = (self._back, form.keys, form.queries, form.width, weight, shift)
        sums = near_sums(*arguments, values, self.problem.exclude_self)[:, 1:]
        return np.where(answers[:, None], sums, 0.0)

    @cached_property
    def _back(self):
        form = self._form
        if form.queries is form.keys:
            return self._there
        return boxes(form.keys, form.queries, self._side)

    def _sums(self, values):
        form = self._form
        arguments = (self._there, form.queries, form.keys, form.width, form.key_exponent)
        return near_sums(*arguments, -self._nearest, values, self.problem.exclude_self)


def near_sums(there: Boxes, queries, keys, width, key_bias, shift, values, exclude_self):
    """sum_j exp(-|x_i - y_j|^2/(4 width) + key_bias_j - shift_i) (1, values_j) over near keys, (n, 1
    + c), of values (nk, c)."""
    order, key_order = there.query_order, there.key_order
    columns = np.zeros((max(1, values.shape[1]), len(keys)))
    columns[: values.shape[1]] = values[key_order].T
    own = np.full(len(queries), -1, dtype=np.int64)
    if exclude_self:
        place = np.empty(len(keys), dtype=np.int64)
        place[key_order] = np.arange(len(keys))
        own = place[order]
    found = np.zeros((len(queries), 1 + len(columns)))
    boxes_pass(
        there.starts,
        there.runs,
        np.ascontiguousarray(queries[order]),
        np.ascontiguousarray(keys[key_order].T),
        -1 / (4 * width),
        key_bias[key_order],
        shift[order],
        own,
        columns,
        found,
    )
    out = np.empty((len(queries), 1 + values.shape[1]))
    out[order] = found[:, : 1 + values.shape[1]]
    return out


def reach(form: GaussianForm, tolerance: float, exclude_self: bool) -> tuple[np.ndarray, float]:
    """-(exponent) (n,) of the best of the nearest keys of each query, without the query's own part,
    and the distance beyond which all keys together weigh less than tolerance/4 of it.
    """
    bias = form.key_exponent
    kept = np.flatnonzero(np.isfinite(bias))
    count = min(2 if exclude_self else 1, len(kept))
    distance, number = (
        a.reshape(len(form.queries), count)
        for a in cKDTree(form.keys[kept]).query(form.queries, count, workers=-1)
    )
    nearest = distance**2 / (4 * form.width) - bias[kept[number]]
    if exclude_self:
        nearest[kept[number] == np.arange(len(form.queries))[:, None]] = np.inf
    nearest = nearest.min(axis=1)
    require_keys(~np.isfinite(nearest))
    most = bias.max()
    if nearest.max() + most > MOST_EXPONENT:
        raise TooLarge(
            f"engine boxes: some query is exp(-{nearest.max() + most:.3g}) from the keys, expected "
            f"at least exp(-{MOST_EXPONENT:g}); engine 'dense' takes it"
        )
    total = most + math.log(np.exp(bias - most).sum())
    enough = nearest.max() + total + math.log(4 / tolerance)
    # the nearest key is near whatever rounding does
    side = max(math.sqrt(4 * form.width * max(enough, 0.0)), float(distance[:, -1].max()))
    return nearest, side * (1 + 1e-9)
