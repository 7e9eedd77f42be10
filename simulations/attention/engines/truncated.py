"""Attention to neighbours alone: all keys whose weights could matter at the tolerance, found once,
as a sparse matrix.

For scores that grow with the distance of mapped points, or within a window for every score. The
search is that of SciPy's k-d tree; an application is a product with a sparse matrix.
"""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.spatial import cKDTree

from simulations.attention.engines.problem import Problem, TooLarge, require_keys, require_numbers
from simulations.attention.engines.sparse import count_within, pairs_within, sparse_product
from theory.setting.checks import InputError, finite_array, memory, positive

LARGEST_NUMBER_OF_ENTRIES = 200_000_000
ENTRY_BYTES = 12  # of each
SAMPLE = 2000  # queries whose neighbours are counted first


def plan(pseudo_metric, queries, keys, temperature, *, tolerance=1e-10, **options):
    """See `simulations.attention.engines.Engine`.

    Raises InputError for a score that does not grow with the distance of mapped points (unless
    there is a window), and where more than LARGEST_NUMBER_OF_ENTRIES weights could matter.
    """
    problem = Problem.checked(pseudo_metric, queries, keys, temperature, **options)
    _check_tolerance(tolerance)
    return TruncatedPlan(problem, tolerance)


def check(problem: Problem, tolerance: float) -> None:
    """Raise InputError where the engine cannot compute the problem, whatever its size."""
    _check_tolerance(tolerance)
    if problem.squared_window == np.inf:
        _require_growing(problem)


def _check_tolerance(tolerance):
    if positive("tolerance", tolerance) > 0.1:
        raise InputError(
            f"tolerance: got {tolerance:g}, expected at most 0.1 for engine 'truncated'"
        )


def profile(problem: Problem):
    """f/temperature as a function of the squared distance of mapped points, or None where it does
    not grow with it.

    A transform is tried at many distances up to the largest that can occur.
    """
    metric = problem.pseudo_metric
    if metric.form != "squared_distance":
        return None
    rate = metric.scale / problem.temperature
    if metric.transform is None:
        return (lambda s: rate * s) if rate > 0 else None
    phi = metric.array_transform

    def score(s):
        with np.errstate(all="ignore"):
            return rate * np.broadcast_to(phi(s), np.shape(s))

    distances = np.sort(
        np.concatenate([[0.0], np.geomspace(1e-12, 1, 2000), np.linspace(0.001, 1, 2000)])
    )
    t = score(distances * squared_diameter(problem))
    if np.isnan(t).any() or np.isneginf(t).any():
        return None
    with np.errstate(invalid="ignore"):
        falls = np.diff(t) < -1e-9 * np.maximum(1, np.abs(t[1:]))
    return None if falls.any() else score


def squared_diameter(problem: Problem) -> float:
    """Of the box that holds all mapped points."""
    x, y = problem.mapped
    low, high = np.minimum(x.min(axis=0), y.min(axis=0)), np.maximum(x.max(axis=0), y.max(axis=0))
    return float(((high - low) ** 2).sum()) or 1.0


class TruncatedPlan:
    """Weights as a sparse matrix with rows of sum 1: 12 bytes an entry, 24 once the transpose was
    applied.

    The set-up takes 12 bytes for each key within reach, and some 200 MB.
    """

    engine = "truncated"

    def __init__(self, problem: Problem, tolerance: float):
        self.problem, self.tolerance = problem, tolerance
        self._kept = np.flatnonzero(np.isfinite(problem.key_bias))
        require_keys(np.full(len(problem.queries), not len(self._kept)))
        windowed = problem.squared_window < np.inf
        self._profile = None if windowed else _require_growing(problem)
        points, keys = (problem.queries, problem.keys) if windowed else problem.mapped
        tree = cKDTree(keys[self._kept])
        radii = (
            np.full(len(points), math.sqrt(problem.squared_window))
            if windowed
            else self._radii(tree, points)
        )
        # rows in the order in which they were found, neighbours next to each other
        self._rows, self._matrix, self.log_partition = self._fill(tree, points, radii)

    def attend(self, values) -> np.ndarray:
        """sum_j exp(t_ij - log_partition_i) values_j, (n, c)."""
        values = self.problem.values(values)
        out = np.empty((len(self._rows), values.shape[1]))
        out[self._rows] = sparse_product(self._matrix, values)
        return out

    def transpose(self, values) -> np.ndarray:
        """sum_i values_i exp(t_ij - log_partition_i), (nk, c), of values (n, c)."""
        values = finite_array("values", values, (len(self._rows), None))
        return sparse_product(self._columns, values[self._rows])

    @property
    def entries(self) -> int:
        """The number of weights that are kept."""
        return self._matrix.nnz

    @cached_property
    def _columns(self):
        return csr_array(self._matrix.T)

    def _radii(self, tree, points):
        """Radius beyond which all keys together weigh less than tolerance/4 of the nearest key
        alone, (n,).
        """
        bias = self.problem.key_bias[self._kept]
        count = min(2 if self.problem.exclude_self else 1, len(bias))
        distance, number = (
            a.reshape(len(points), count) for a in tree.query(points, count, workers=-1)
        )
        nearest = self._profile(distance**2) - bias[number]
        if self.problem.exclude_self:
            nearest[self._kept[number] == np.arange(len(points))[:, None]] = np.inf
        nearest = nearest.min(axis=1)
        require_keys(~np.isfinite(nearest))
        total = bias.max() + math.log(np.exp(bias - bias.max()).sum())
        enough = nearest + total + math.log(4 / self.tolerance)
        # the nearest key is kept whatever rounding does to the inverse
        squared = inverse(self._profile, enough, 4 * squared_diameter(self.problem))
        return np.maximum(np.sqrt(squared), distance[:, -1]) * (1 + 1e-12)

    def _fill(self, tree, points, radii):
        counts = _affordable(tree, points, radii)
        data, indices = np.empty(counts.sum()), np.empty(counts.sum(), dtype=np.int32)
        rows_so_far, lengths, logs, end = [], [], [], 0
        for rows, i, j, distance in pairs_within(tree, points, radii, counts):
            j = self._kept[j]
            t = self._exponents(rows[i], j, distance)
            used = ~np.isneginf(t)
            block = coo_array(
                (t[used], (i[used], j[used])), shape=(len(rows), len(self.problem.keys))
            ).tocsr()
            require_keys(np.bincount(rows[np.diff(block.indptr) == 0], minlength=len(points)) > 0)
            weights, kept, length, log_partition = _normalised(block, self.tolerance)
            data[end : end + len(weights)], indices[end : end + len(weights)] = (
                weights,
                block.indices[kept],
            )
            end += len(weights)
            rows_so_far.append(rows)
            lengths.append(length)
            logs.append(log_partition)
        rows, starts = (
            np.concatenate(rows_so_far),
            np.concatenate([[0], np.cumsum(np.concatenate(lengths))]),
        )
        log_partition = np.empty(len(points))
        log_partition[rows] = np.concatenate(logs)
        # a copy of the part that is used lets the rest go
        small = starts.astype(np.int32)
        matrix = csr_array(
            (data[:end].copy(), indices[:end].copy(), small),
            shape=(len(points), len(self.problem.keys)),
        )
        return rows, matrix, log_partition

    def _exponents(self, i, j, distance):
        """t_ij of the given pairs, -inf for those left out."""
        if self._profile:
            t = self.problem.key_bias[j] - self._profile(distance**2)
        else:
            f = self.problem.paired(i, j)
            bad = np.isnan(f) | np.isneginf(f)
            if self.problem.exclude_self:
                bad &= i != j
            require_numbers(
                self.problem.pseudo_metric,
                np.bincount(i[bad], minlength=len(self.problem.queries)) > 0,
            )
            t = self.problem.key_bias[j] - f / self.problem.temperature
        return np.where(i == j, -np.inf, t) if self.problem.exclude_self else t


def _require_growing(problem):
    found = profile(problem)
    if found is None:
        raise InputError(
            f"engine truncated: the score {problem.pseudo_metric.name!r} does not grow with the "
            "distance of mapped "
            f"points, expected one that does, or a window; engine 'dense' takes every score"
        )
    return found


def inverse(score, level, largest) -> np.ndarray:
    """The squared distances where the growing score reaches the levels, or `largest` where it does
    not.
    """
    low, high = np.zeros_like(level), np.full_like(level, largest)
    for _ in range(60):
        middle = (low + high) / 2
        with np.errstate(invalid="ignore"):
            above = score(middle) > level
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return high


def _affordable(tree, points, radii):
    """The number of keys within reach of every query, or raise InputError: first from a sample,
    then all.
    """
    sample = np.unique(np.linspace(0, len(points) - 1, SAMPLE).astype(np.int64))
    estimate = count_within(tree, points[sample], radii[sample]).mean() * len(points)
    counts = count_within(tree, points, radii) if estimate < 2 * LARGEST_NUMBER_OF_ENTRIES else None
    number = estimate if counts is None else counts.sum()
    most = min(LARGEST_NUMBER_OF_ENTRIES, memory() // ENTRY_BYTES)
    if number > most:
        raise TooLarge(
            f"engine truncated: about {number:.2g} weights could matter, at most "
            f"{most:.2g} are stored; "
            "expected a smaller temperature or window, a larger tolerance, or engine 'nufft' or "
            "'dense'"
        )
    return counts


def _normalised(block, tolerance):
    """Weights of the exponents in the block without those that cannot matter, which these are,
    their number a row, log sums.
    """
    starts, count = block.indptr[:-1], np.diff(block.indptr)
    largest = np.maximum.reduceat(block.data, starts)
    weights = np.exp(block.data - np.repeat(largest, count))
    sums = np.add.reduceat(weights, starts)
    kept = weights > np.repeat(tolerance / 4 * sums / count, count)
    weights[~kept] = 0.0
    left = np.add.reduceat(weights, starts)
    weights = (weights / np.repeat(left, count))[kept]
    return weights, kept, np.add.reduceat(kept, starts, dtype=np.int64), largest + np.log(sums)
