"""What the engine in single precision keeps of queries and keys, once for all applications."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from simulations.attention.engines import dense
from simulations.attention.engines.blocks import EVEN, slices
from simulations.attention.engines.dense_kernels import LOG2_E
from simulations.attention.engines.problem import Problem

KEYS = 768  # in a panel, at most
# powers of two that all rows of a symmetric score may share one shift within: the error of an
# exponent, 2^-24 of it, stays below the tolerance
SHARED = 16.0
# powers of two within which no row needs a shift: far from the 2^126 of float32 with many keys, and
# a weight that is lost below 2^-126 is nothing beside the largest of its row
UNSHIFTED = 40.0


@dataclass(frozen=True)
class Points:
    """What the exponents t_ij log2(e) = move_i + q_i.k_j + base_j are of: queries (n, m), panels of
    keys (m, at most KEYS) side by side, which are the slices `keys`, and base (nk,) in float32,
    move (n,) in float64.

    symmetric: base is without the key's bias, weight (nk,) is 2^bias, there is one panel, and top is
    about the largest exponent. unshifted: every q_i.k_j
    + base_j that is finite is so small that rows need no shift. spare: blocks of memory that no
    thread is using, kept for the next application.
    """

    queries: np.ndarray
    panels: tuple[np.ndarray, ...]
    keys: tuple[slice, ...]
    base: np.ndarray
    move: np.ndarray
    symmetric: bool = False
    top: float = 0.0
    unshifted: bool = False
    weight: np.ndarray | None = None
    exclude_self: bool = False
    spare: deque = field(default_factory=deque, repr=False)


def prepared(problem: Problem) -> Points:
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
    whole = (slice(0, len(k)),)
    return _points(q, k, b, r, whole, symmetric=True, top=top, weight=np.exp2(bias))


def moved_points(problem: Problem) -> Points:
    """The points of a problem whose score need not be symmetric.

    A row's scores may all be moved by one number: about the middle of the keys they are smallest.
    """
    q, r, k, b = dense.bilinear(problem, *problem.mapped)
    middle = (k.min(axis=0) + k.max(axis=0)) / 2
    base, k = b + problem.key_bias * LOG2_E, k - middle
    # no BLAS, whose threads would spin on beside those of the sums
    move = r + np.einsum("ij,j->i", q, middle)
    lengths = [np.sqrt((points**2).sum(axis=1).max()) for points in (q, k)]
    finite = base[np.isfinite(base)]
    largest = lengths[0] * lengths[1] + np.abs(finite).max(initial=0.0)
    unshifted = bool(largest <= UNSHIFTED)
    keys = tuple(slices(0, len(k), KEYS, EVEN))
    exclude_self = problem.exclude_self
    return _points(q, k, base, move, keys, unshifted=unshifted, exclude_self=exclude_self)


def _points(q, k, base, move, keys, **properties):
    panels = tuple(_single(k[part].T) for part in keys)
    return Points(_single(q), panels, keys, _single(base), move, **properties)


def _single(array):
    return np.ascontiguousarray(array, dtype=np.float32)
