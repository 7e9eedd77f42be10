"""Sums over all pairs in single precision: blocks of scores and of weighted sums as matrix products
of float32, their powers of two between them, what blocks give added up in float64.

Blocks lie in memory that is kept with the points: fresh memory would be cleared by the system first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.attention.engines import single_kernels as kernels
from simulations.attention.engines.blocks import in_threads, leave_out_own, over_pairs
from simulations.attention.engines.dense_kernels import LOG2_E
from simulations.attention.engines.single_points import KEYS, ROWS, Points, SymmetricPoints

LEAST_POWER, MOST_POWER = -1000, 1000  # of two, by which values are scaled


@dataclass(frozen=True)
class Rows:
    """Of every query: shift (n,) in powers of two and total (n,), the sum over keys of
    2^(t_ij log2(e) - move_i - shift_i).
    """

    shift: np.ndarray
    total: np.ndarray

    def log_partition(self, move) -> np.ndarray:
        """log sum_j exp(t_ij) of points with that move (n,), -inf for a query without keys."""
        log_total = np.full(len(self.total), -np.inf)
        np.log(self.total, out=log_total, where=self.total > 0)
        return (self.shift + move) / LOG2_E + log_total


def averages(points: Points | SymmetricPoints, values) -> tuple[np.ndarray, Rows]:
    """Averages over the keys of values (nk, c), (n, c), and what they were divided by. A query
    without keys has total 0, and averages that are no numbers.
    """
    with np.errstate(all="ignore"):
        if isinstance(points, SymmetricPoints):
            return _symmetric_averages(points, values)
        return _averages(points, values)


def columns(points: Points | SymmetricPoints, rows: Rows, values) -> np.ndarray:
    """sum_i values_i a_ij, (nk, c), of values (n, c): each row of A sums to 1, for its weights are
    those that its total is the sum of.
    """
    v, scale = _in_single(values, rows.total)
    if isinstance(points, SymmetricPoints):
        return _symmetric_sums(points, v)[1] * scale * points.weight[:, None]
    out, shift = np.empty((len(points.base), values.shape[1])), np.float32(rows.shift)

    def add(keys):
        spare, width = _taken(points, values.shape[1]), keys.columns.shape[1]
        sums = spare.sums(width)
        sums[:] = 0.0
        for queries in points.queries:
            block = _scores(points, queries, keys, spare)
            kernels.exp2_block(block, points.base[keys.part], shift[queries.part])
            kernels.add(spare.product(block.T, v[queries.part]), sums)
        np.multiply(sums, scale, out=out[keys.part])
        points.spare.append(spare)

    in_threads(add, [points.keys])
    return out


def _averages(points, values):
    v, scale = _in_single(values, np.ones(len(values)))
    # columns, as the library of matrix products likes them
    v = [np.ascontiguousarray(v[keys.part].T) for keys in points.keys]
    n, c = len(points.move), values.shape[1]
    out, total = np.empty((n, c)), np.zeros(n)
    largest = np.full(n, 0.0 if points.unshifted else -np.inf, dtype=np.float32)

    def add(queries):
        spare, part = _taken(points, c), queries.part
        sums = spare.sums(queries.columns.shape[1])
        sums[:] = 0.0
        for keys, of_keys in zip(points.keys, v, strict=True):
            block = _scores(points, queries, keys, spare)
            base = points.base[keys.part]
            if points.unshifted:
                kernels.exp2_sums(block, base, total[part])
            else:
                kernels.exp2_running(block, base, largest[part], total[part], sums)
            if c:
                kernels.add(spare.product(block, of_keys.T), sums)
        kernels.divide(sums, total[part], scale, out[part])
        points.spare.append(spare)

    in_threads(add, [points.queries])
    return out, Rows(largest, total)


def _scores(points, queries, keys, spare):
    """q_i.k_j of two panels, -inf for keys that are left out."""
    block = spare.block(queries.columns.shape[1], keys.columns.shape[1])
    np.matmul(queries.columns.T, keys.columns, out=block)
    ours, theirs = queries.part, keys.part
    if points.exclude_self and ours.start < theirs.stop and theirs.start < ours.stop:
        leave_out_own(block, ours.start, theirs.start, -np.inf)
    return block


def _symmetric_averages(points, values):
    v, scale = _in_single(values, 1 / points.weight)
    total, sums = _symmetric_sums(points, v)
    kernels.divide(sums, total, scale, sums)
    return sums, Rows(points.top - points.move, total)


def _symmetric_sums(points, v):
    """Sums over keys (n,) of weights, and (n, c) of values in single precision. Every pair of
    blocks is evaluated once and serves both sides; all rows have one shift.
    """
    n, c = v.shape
    base, shift = np.float32(points.move), np.float32(points.top - points.move)
    weight = np.float32(points.weight)
    total, sums = np.zeros(n), np.zeros((n, c))

    def add(ours, theirs, apart):
        spare = _taken(points, c)
        block = spare.block(ours.stop - ours.start, theirs.stop - theirs.start)
        np.matmul(points.queries[ours], points.columns[:, theirs], out=block)
        scratch, width = spare.line(block.shape[1]), block.shape[1]
        further = total[theirs] if apart else np.zeros(width)
        arguments = base[theirs], shift[ours], weight[ours], weight[theirs]
        kernels.exp2_both_sums(block, *arguments, scratch, total[ours], further)
        if c:
            kernels.add(spare.product(block, v[theirs]), sums[ours])
            if apart:
                kernels.add(spare.product(block.T, v[ours]), sums[theirs])
        points.spare.append(spare)

    over_pairs(n, ROWS, KEYS, add)
    return total, sums


class _Spare:
    """Memory of one thread: a block of scores, and sums of so many features of its rows or keys."""

    def __init__(self, features):
        self.features, most = features, max(ROWS, KEYS)
        self._block = np.empty(ROWS * KEYS, dtype=np.float32)
        self._product = np.empty((most, features), dtype=np.float32)
        self._sums = np.empty((most, features))
        self._line = np.empty(KEYS, dtype=np.float32)

    def block(self, count, width):
        return self._block[: count * width].reshape(count, width)

    def product(self, a, b):
        return np.matmul(a, b, out=self._product[: len(a)])

    def sums(self, count):
        return self._sums[:count]

    def line(self, width):
        return self._line[:width]


def _taken(points, features):
    # taken and put back by one instruction each: threads need no lock
    try:
        spare = points.spare.pop()
    except IndexError:
        return _Spare(features)
    return spare if spare.features == features else _Spare(features)


def _in_single(values, divisor):
    """values_if/scale_f/divisor_i in float32 (n, c), scale (c,) powers of two that bring the largest
    value of each feature near 1: features of any size are as exact.
    """
    values, largest = np.ascontiguousarray(values), np.zeros(values.shape[1])
    kernels.largest_of_columns(values, largest)
    scale = np.exp2(np.frexp(largest)[1].clip(LEAST_POWER, MOST_POWER).astype(np.float64))
    out = np.empty(values.shape, dtype=np.float32)
    kernels.rounded(values, divisor, scale, out)
    return out, scale
