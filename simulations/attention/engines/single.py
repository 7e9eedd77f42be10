"""Attention over all pairs in single precision: scores and weighted sums as matrix products of
float32, for many dimensions and an error of a millionth.

Sums over blocks of keys are added up in float64. The error is measured on some rows when it is set
up; where it is above the tolerance the dense engine does the work. Memory: the points and values
once more in float32, the points for as long as the plan lives, and a block a thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.attention.engines import dense
from simulations.attention.engines.blocks import (
    EVEN,
    in_threads,
    leave_out_own,
    over_pairs,
    slices,
)
from simulations.attention.engines.dense_kernels import LOG2_E
from simulations.attention.engines.pairs import PairPlan
from simulations.attention.engines.problem import Problem
from simulations.attention.engines.single_kernels import exp2_block, exp2_running
from simulations.attention.warn import warn_caller
from theory.setting.checks import InputError, positive

SMALLEST_TOLERANCE = 1e-6
ROWS, KEYS = 384, 768  # a block of scores is a megabyte, what the second-level cache holds
SAMPLE, FEATURES = 16, 4  # rows on which the error is measured, and features of random signs
# powers of two that all rows may share one shift within: the error of an exponent, 2^-24 of it,
# stays below the tolerance
SHARED = 16.0


class PrecisionWarning(UserWarning):
    """Single precision would miss the tolerance: double precision did the work."""


def plan(pseudo_metric, queries, keys, temperature, *, tolerance=SMALLEST_TOLERANCE, **options):
    """See `simulations.attention.engines.Engine`. Raises InputError for a tolerance below 1e-6, and
    for scores that are no squared distance or inner product of mapped points.
    """
    problem = Problem.checked(pseudo_metric, queries, keys, temperature, **options)
    check(problem, tolerance)
    single = PairPlan("single", problem, sums)
    if (error := measured_error(problem)) <= tolerance:
        return single
    warn_caller(
        f"engine single, tolerance {tolerance:g}: computes in double precision, because single "
        f"precision errs by {error:.1g}",
        PrecisionWarning,
    )
    return PairPlan("dense", problem, dense.sums)


def check(problem: Problem, tolerance: float) -> None:
    """Raise InputError where the engine cannot compute the problem to the tolerance."""
    if positive("tolerance", tolerance) < SMALLEST_TOLERANCE:
        raise InputError(
            f"tolerance: got {tolerance:g}, expected at least {SMALLEST_TOLERANCE:g} for engine "
            "'single'"
        )
    if dense.bilinear(problem, *problem.mapped) is None:
        raise InputError(
            f"engine single: the score {problem.pseudo_metric.name!r} is no squared distance or "
            "inner product, or has a window; engine 'dense' takes every score"
        )


def measured_error(problem: Problem) -> float:
    """The largest error over some rows: of the weights together, and of averages of random signs."""
    rng, n = np.random.default_rng(0), len(problem.queries)
    picked = rng.permutation(n)[:SAMPLE]
    signs = rng.choice([-1.0, 1.0], (len(problem.keys), FEATURES))
    few = problem.rows(picked)
    if few.exclude_self:
        signs = signs[problem.keys_first(picked)]
    coarse, fine = (PairPlan("", few, way).attend(signs) for way in (flash_sums, dense.sums))
    return 2 * float(np.abs(coarse - fine).max(initial=0.0))


def sums(problem: Problem, values):
    """shift (n,) and sums (n, 1 + c) of exp(t_ij - shift_i) times 1 and each value (nk, c)."""
    points = prepared(problem)
    return (_symmetric_sums if points.symmetric else _flash_sums)(points, values)


def flash_sums(problem: Problem, values):
    """As `sums`, of a score that need not be symmetric."""
    return _flash_sums(_moved(problem, *dense.bilinear(problem, *problem.mapped)), values)


@dataclass(frozen=True)
class Points:
    """What the exponents t_ij log2(e) = move_i + q_i.k_j + base_j are of: queries (n, m), columns
    (m, nk) and base (nk,) in float32, move (n,) in float64.

    Of a symmetric score base is without the key's bias, and weight (nk,) is 2^bias.
    """

    queries: np.ndarray
    columns: np.ndarray
    base: np.ndarray
    move: np.ndarray
    symmetric: bool = False
    weight: np.ndarray | None = None
    exclude_self: bool = False


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
    if symmetric:
        return Points(_single(q), _single(k.T), _single(b), r, True, np.exp2(bias))
    return _moved(problem, q, r, k, b)


def _moved(problem, q, r, k, b):
    """A row's scores may all be moved by one number: about the middle of the keys they are
    smallest."""
    middle = (k.min(axis=0) + k.max(axis=0)) / 2
    base = _single(b + problem.key_bias * LOG2_E)
    # no BLAS, whose threads would spin on beside those of the sums
    move = r + np.einsum("ij,j->i", q, middle)
    return Points(
        _single(q), _single((k - middle).T), base, move, exclude_self=problem.exclude_self
    )


def _flash_sums(points, values):
    """Each row with the largest of the exponents seen so far as its shift."""
    queries, columns, base, values = points.queries, points.columns, points.base, _single(values)
    largest = np.full(len(queries), -np.inf, dtype=np.float32)
    out = np.zeros((len(queries), 1 + values.shape[1]))

    def add(rows):
        for start in range(0, len(base), KEYS):
            keys = slice(start, start + KEYS)
            block = queries[rows] @ columns[:, keys]
            if points.exclude_self:
                leave_out_own(block, rows.start, start, -np.inf)
            exp2_running(block, base[keys], largest[rows], out[rows])
            out[rows, 1:] += block @ values[keys]

    in_threads(add, [slices(0, len(queries), ROWS, EVEN)])
    return (largest + points.move) / LOG2_E, out


def _symmetric_sums(points, values):
    """Every pair of blocks is evaluated once and serves both sides; all rows have one shift."""
    queries, columns, base = points.queries, points.columns, points.base
    top = float((np.einsum("ij,ji->i", queries, columns) + 2 * points.move).max())
    shift = _single(top - points.move)
    ones_first = np.column_stack([np.ones(len(values)), values])
    weighted = _single(ones_first * points.weight[:, None])
    out = np.zeros(weighted.shape)

    def add(rows, keys, apart):
        block = queries[rows] @ columns[:, keys]
        exp2_block(block, base[keys], shift[rows])
        out[rows] += block @ weighted[keys]
        if apart:
            out[keys] += block.T @ weighted[rows]

    over_pairs(len(queries), ROWS, KEYS, add)
    return np.full(len(queries), top / LOG2_E), out


def _single(array):
    return np.ascontiguousarray(array, dtype=np.float32)
