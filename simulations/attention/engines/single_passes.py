"""Sums over all pairs in single precision: blocks of scores and of weighted sums as matrix products
of float32, their powers of two between them, what blocks give added up in float64.

Blocks lie in memory that is kept with the points: fresh memory would be cleared by the system first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simulations.attention.engines import single_kernels as kernels
from simulations.attention.engines.blocks import (
    EVEN,
    in_threads,
    leave_out_own,
    over_pairs,
    slices,
)
from simulations.attention.engines.dense_kernels import LOG2_E
from simulations.attention.engines.single_points import KEYS, Points

ROWS = 256  # a block of scores stays in the second-level cache
LEAST_POWER, MOST_POWER = -1000, 1000  # of two, by which values are scaled


@dataclass(frozen=True)
class Rows:
    """Of every query: its averages (n, c); shift (n,) in powers of two and total (n,), the sum over
    keys of 2^(q_i.k_j + base_j - shift_i).
    """

    averages: np.ndarray
    shift: np.ndarray
    total: np.ndarray

    def without_averages(self) -> Rows:
        """The same, without what takes memory."""
        return replace(self, averages=self.averages[:, :0].copy())

    def log_partition(self, points: Points) -> np.ndarray:
        """log sum_j exp(t_ij), (n,), -inf for a query without keys."""
        log_total = np.full(len(self.total), -np.inf)
        np.log(self.total, out=log_total, where=self.total > 0)
        return (self.shift + points.move) / LOG2_E + log_total


def rows(points: Points, values) -> Rows:
    """Averages over the keys of values (nk, c). A query without keys has total 0, and averages that
    are no numbers."""
    with np.errstate(all="ignore"):
        return (_symmetric_rows if points.symmetric else _rows)(points, values)


def columns(points: Points, found: Rows, values) -> np.ndarray:
    """sum_i values_i a_ij, (nk, c), of values (n, c): each row of A sums to 1, for its weights are
    those that its total is the sum of.
    """
    v, scale = _in_single(values, found.total)
    if points.symmetric:
        sums = _symmetric_sums(points, v)[1]
        return sums * scale * points.weight[:, None]
    out = np.empty((len(points.base), values.shape[1]))
    queries = slices(0, len(points.queries), ROWS, EVEN)
    shift = np.float32(found.shift)

    def add(panel):
        keys, spare = points.keys[panel], _taken(points, values.shape[1])
        width = keys.stop - keys.start
        sums = spare.sums(width)
        sums[:] = 0.0
        for part in queries:
            block = spare.block(part.stop - part.start, width)
            np.matmul(points.queries[part], points.panels[panel], out=block)
            if points.exclude_self:
                leave_out_own(block, part.start, keys.start, -np.inf)
            kernels.exp2_block(block, points.base[keys], shift[part])
            part_sums = spare.part(width)
            np.matmul(block.T, v[part], out=part_sums)
            kernels.add(part_sums, sums)
        np.multiply(sums, scale, out=out[keys])
        points.spare.append(spare)

    in_threads(add, [range(len(points.panels))])
    return out


def _rows(points, values):
    v, scale = _in_single(values, np.ones(len(values)))
    n, c = len(points.queries), values.shape[1]
    out, total = np.empty((n, c)), np.zeros(n)
    largest = np.full(n, 0.0 if points.unshifted else -np.inf, dtype=np.float32)

    def add(part):
        spare, count = _taken(points, c), part.stop - part.start
        sums = spare.sums(count)
        sums[:] = 0.0
        for keys, panel in zip(points.keys, points.panels, strict=True):
            block = spare.block(count, keys.stop - keys.start)
            np.matmul(points.queries[part], panel, out=block)
            if points.exclude_self:
                leave_out_own(block, part.start, keys.start, -np.inf)
            if points.unshifted:
                kernels.exp2_sums(block, points.base[keys], total[part])
            else:
                kernels.exp2_running(block, points.base[keys], largest[part], total[part], sums)
            if c:
                part_sums = spare.part(count)
                np.matmul(block, v[keys], out=part_sums)
                kernels.add(part_sums, sums)
        kernels.divide(sums, total[part], scale, out[part])
        points.spare.append(spare)

    in_threads(add, [slices(0, n, ROWS, EVEN)])
    return Rows(out, largest, total)


def _symmetric_rows(points, values):
    v, scale = _in_single(values, 1 / points.weight)
    total, sums = _symmetric_sums(points, v)
    kernels.divide(sums, total, scale, sums)
    return Rows(sums, points.top - points.move, total)


def _symmetric_sums(points, v):
    """Sums over keys (n,) of weights and (n, c) of values in single precision. Every pair of blocks
    is evaluated once and serves both sides; all rows have one shift.
    """
    n, c = v.shape
    shift, weight = np.float32(points.top - points.move), np.float32(points.weight)
    total, sums = np.zeros(n), np.zeros((n, c))
    (keys,) = points.panels

    def add(ours, theirs, apart):
        spare, count, width = _taken(points, c), ours.stop - ours.start, theirs.stop - theirs.start
        block = spare.block(count, width)
        np.matmul(points.queries[ours], keys[:, theirs], out=block)
        further = total[theirs] if apart else np.empty(width)
        kernels.exp2_both_sums(
            block,
            points.base[theirs],
            shift[ours],
            weight[ours],
            weight[theirs],
            spare.line(width),
            total[ours],
            further,
        )
        if c:
            part = spare.part(count)
            np.matmul(block, v[theirs], out=part)
            kernels.add(part, sums[ours])
            if apart:
                part = spare.part(width)
                np.matmul(block.T, v[ours], out=part)
                kernels.add(part, sums[theirs])
        points.spare.append(spare)

    over_pairs(n, ROWS, KEYS, add)
    return total, sums


class _Spare:
    """Memory of one thread: a block of scores, and sums of so many features of its rows or keys."""

    def __init__(self, features):
        self.features = features
        self._block = np.empty(ROWS * KEYS, dtype=np.float32)
        self._part = np.empty((KEYS, features), dtype=np.float32)
        self._sums = np.empty((KEYS, features))
        self._line = np.empty(KEYS, dtype=np.float32)

    def block(self, count, width):
        return self._block[: count * width].reshape(count, width)

    def part(self, count):
        return self._part[:count]

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
