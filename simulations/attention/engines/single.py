"""Attention over all pairs in single precision: scores and weighted sums as matrix products of
float32, for many dimensions and an error of a millionth.

Sums over blocks of keys are added up in float64. The error is measured on some rows when it is set
up; where it is above the tolerance the dense engine does the work. Memory: the points and values
once more in float32, and a block a thread.
"""

from __future__ import annotations

import numpy as np

from simulations.attention.engines import dense
from simulations.attention.engines.blocks import (
    LEAST_PART,
    PARTS,
    in_threads,
    leave_out_own,
    rounds,
)
from simulations.attention.engines.dense_kernels import LOG2_E
from simulations.attention.engines.pairs import PairPlan
from simulations.attention.engines.problem import Problem
from simulations.attention.engines.single_kernels import exp2_block, largest_of_rows
from simulations.attention.warn import warn_caller
from theory.setting.checks import InputError, positive

SMALLEST_TOLERANCE = 1e-6
ROWS, KEYS = 512, 1024  # a block of scores is two megabytes
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
    q, r, k, b = dense.bilinear(problem, *problem.mapped)
    bias = problem.key_bias * LOG2_E
    symmetric = (
        not problem.exclude_self
        and np.array_equal(r, b)
        and dense.same_points(problem, q, k)
        and np.abs(own := (q * k).sum(axis=1)).max() <= SHARED
        and np.abs(bias).max() <= SHARED
    )
    if symmetric:
        top = float((own + r + b).max())
        return np.full(len(q), top / LOG2_E), symmetric_sums(q, k, b, top, bias, values)
    return flash_sums(problem, values)


def flash_sums(problem: Problem, values):
    """As `sums`, each row with the largest of the exponents seen so far as its shift."""
    q, r, k, b = dense.bilinear(problem, *problem.mapped)
    # a row's scores may all be moved by one number: about the middle of the keys they are smallest
    middle = (k.min(axis=0) + k.max(axis=0)) / 2
    r = r + q @ middle
    rows_, columns = _single(q), _single((k - middle).T)
    base, ones_first = _single(b + problem.key_bias * LOG2_E), _single(_ones_first(values))
    shift = np.full(len(q), -np.inf, dtype=np.float32)
    out = np.zeros((len(q), ones_first.shape[1]))

    def add(first):
        rows, totals = rows_[first : first + ROWS], out[first : first + ROWS]
        largest = shift[first : first + ROWS]
        for start in range(0, len(k), KEYS):
            block = rows @ columns[:, start : start + KEYS]
            if problem.exclude_self:
                leave_out_own(block, first, start, -np.inf)
            before = largest.astype(np.float64)
            largest_of_rows(block, base[start : start + KEYS], largest)
            if (grown := (largest > before) & (before > -np.inf)).any():
                totals[grown] *= np.exp2(before[grown] - largest[grown])[:, None]
            exp2_block(block, base[start : start + KEYS], largest)
            totals += block @ ones_first[start : start + KEYS]

    in_threads(add, [range(0, len(q), ROWS)])
    return (shift + r) / LOG2_E, out


def symmetric_sums(queries, keys, base, top: float, bias, values) -> np.ndarray:
    """sum_j 2^(q_i.k_j + base_i + base_j + bias_j - top) (1, values_j) of a score that is symmetric:
    every pair of blocks is evaluated once and serves both sides.
    """
    n = len(queries)
    rows_, columns, base_ = _single(queries), _single(keys.T), _single(base)
    weighted = _single(_ones_first(values) * np.exp2(bias)[:, None])
    shift, out = _single(top - base), np.zeros(weighted.shape)
    step = max(LEAST_PART, -(-n // (PARTS * ROWS)) * ROWS)

    def add(pair):
        one, other = pair
        for first in range(one * step, min(n, (one + 1) * step), ROWS):
            rows = slice(first, min(first + ROWS, n, (one + 1) * step))
            for start in range(other * step, min(n, (other + 1) * step), KEYS):
                those = slice(start, min(start + KEYS, n, (other + 1) * step))
                block = rows_[rows] @ columns[:, those]
                exp2_block(block, base_[those], shift[rows])
                out[rows] += block @ weighted[those]
                if one != other:
                    out[those] += block.T @ weighted[rows]

    in_threads(add, rounds(-(-n // step)))
    return out


def _ones_first(values):
    return np.column_stack([np.ones(len(values)), values])


def _single(array):
    return np.ascontiguousarray(array, dtype=np.float32)
