"""What the engine in single precision keeps of queries and keys, once for all applications."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from simulations.attention.engines import dense
from simulations.attention.engines.blocks import panels, tapered
from simulations.attention.engines.dense_kernels import LOG2_E
from simulations.attention.engines.problem import Problem

ROWS, KEYS = 512, 512  # a block of scores is a megabyte, what the second-level cache holds
LEAST = 192  # rows or keys, of the last blocks and where there are few: they busy all threads
# powers of two that all rows of a symmetric score may share one shift within: the error of an
# exponent, 2^-24 of it, stays below the tolerance
SHARED = 16.0
# powers of two within which no row needs a shift: far from the 2^126 of float32 with many keys, and
# a weight that is lost below 2^-126 is nothing beside the largest of its row
UNSHIFTED = 40.0


@dataclass(frozen=True)
class Panel:
    """Some points that lie side by side: their numbers, and their columns (m, k) in float32."""

    part: slice
    columns: np.ndarray


@dataclass(frozen=True)
class Points:
    """What the exponents t_ij log2(e) = move_i + q_i.k_j + base_j are of: panels of queries q and
    of keys k, base (nk,) in float32, move (n,) in float64.

    unshifted: no key is left out, and every q_i.k_j + base_j is so small that rows need no shift.
    spare: memory that no thread is using, kept for the next application.
    """

    queries: tuple[Panel, ...]
    keys: tuple[Panel, ...]
    base: np.ndarray
    move: np.ndarray
    unshifted: bool
    exclude_self: bool
    spare: deque = field(default_factory=deque, repr=False)


@dataclass(frozen=True)
class SymmetricPoints:
    """What the exponents t_ij log2(e) = move_i + q_i.k_j + move_j + log2(weight_j) of a symmetric
    score are of: queries (n, m) and columns (m, n) of keys in float32, move and weight (n,).

    top: about the largest exponent without weight; exponents are small enough for one shift.
    """

    queries: np.ndarray
    columns: np.ndarray
    move: np.ndarray
    weight: np.ndarray
    top: float
    spare: deque = field(default_factory=deque, repr=False)


def prepared(problem: Problem) -> Points | SymmetricPoints:
    """The points of a problem, made once: they stay with it."""
    if "single" not in problem.kept:
        problem.kept["single"] = _prepare(problem)
    return problem.kept["single"]


def _prepare(problem):
    q, r, k, b = dense.bilinear(problem, *problem.mapped)
    bias = problem.key_bias * LOG2_E
    symmetric = (
        not problem.exclude_self
        and np.array_equal(r, b)
        and dense.same_points(problem, q, k)
        and np.abs((q * k).sum(axis=1)).max() <= SHARED
        and np.abs(bias).max() <= SHARED
    )
    if not symmetric:
        return moved_points(problem)
    top = float((np.einsum("ij,ij->i", q, k) + 2 * r).max())
    return SymmetricPoints(_single(q), _single(k.T), r, np.exp2(bias), top)


def moved_points(problem: Problem) -> Points:
    """The points of a problem whose score need not be symmetric.

    A row's scores may all be moved by one number: about the middle of the keys they are smallest.
    """
    q, r, k, b = dense.bilinear(problem, *problem.mapped)
    middle = (k.min(axis=0) + k.max(axis=0)) / 2
    base, k = b + problem.key_bias * LOG2_E, k - middle
    longest = [np.sqrt((points**2).sum(axis=1).max()) for points in (q, k)]
    return Points(
        _panels(q, tapered(len(q), ROWS, LEAST)),
        _panels(k, panels(len(k), KEYS, LEAST)),
        _single(base),
        # no BLAS, whose threads would spin on beside those of the sums
        r + np.einsum("ij,j->i", q, middle),
        bool(
            not problem.exclude_self and longest[0] * longest[1] + np.abs(base).max() <= UNSHIFTED
        ),
        problem.exclude_self,
    )


def _panels(points, parts):
    return tuple(Panel(part, _single(points[part].T)) for part in parts)


def _single(array):
    # what does not fit becomes infinite, and the error that is measured no number
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, dtype=np.float32)
