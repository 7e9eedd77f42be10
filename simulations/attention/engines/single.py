"""Attention over all pairs in single precision: scores and weighted sums as matrix products of
float32, for many dimensions and an error of a millionth.

Sums over blocks of keys are added up in float64. The error of averages and of log_partition is
measured on some rows when the engine is set up: where that of averages is above the tolerance the
dense engine does the work, where only that of log_partition is, its one sum is taken in double
precision. Memory: the points and values once more in float32, the points and for each thread a
block of scores and its sums for as long as the plan lives.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simulations.attention.engines import dense
from simulations.attention.engines.problem import Problem, require_keys
from simulations.attention.engines.single_passes import averages, columns
from simulations.attention.engines.single_points import moved_points, prepared
from simulations.attention.warn import warn_caller
from theory.setting.checks import InputError, finite_array, positive

SMALLEST_TOLERANCE = 1e-6
SAMPLE, FEATURES = 16, 4  # rows on which the error is measured, and features of random signs


class PrecisionWarning(UserWarning):
    """Single precision would miss the tolerance: double precision did the work."""


def plan(pseudo_metric, queries, keys, temperature, *, tolerance=SMALLEST_TOLERANCE, **options):
    """See `simulations.attention.engines.Engine`. Raises InputError for a tolerance below 1e-6, and
    for scores that are no squared distance or inner product of mapped points.
    """
    problem = Problem.checked(pseudo_metric, queries, keys, temperature, **options)
    check(problem, tolerance)
    error, of_partition = measured_errors(problem)
    if error <= tolerance:
        return SinglePlan(problem, fine_partition=not of_partition <= tolerance)
    warn_caller(
        f"engine single, tolerance {tolerance:g}: computes in double precision, because single "
        f"precision errs by {error:.1g}",
        PrecisionWarning,
    )
    return dense.pair_plan(problem)


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


def measured_errors(problem: Problem) -> tuple[float, float]:
    """The largest errors over some rows: of the weights together, and of averages of random signs;
    and of log_partition.
    """
    rng, n = np.random.default_rng(0), len(problem.queries)
    picked = rng.permutation(n)[:SAMPLE]
    signs = rng.choice([-1.0, 1.0], (len(problem.keys), FEATURES))
    few = problem.rows(picked)
    if few.exclude_self:
        signs = signs[problem.keys_first(picked)]
    points, exact = moved_points(few), dense.pair_plan(few)
    (coarse, rows), fine = averages(points, signs), exact.attend(signs)
    of_averages = np.abs(coarse - fine).max(initial=0.0)
    of_partition = np.abs(rows.log_partition(points.move) - exact.log_partition).max(initial=0.0)
    return 2 * float(of_averages), 2 * float(of_partition)


@dataclass
class SinglePlan:
    """Attention in single precision. fine_partition: log_partition is summed in double precision,
    because in single it would miss the tolerance.
    """

    problem: Problem
    fine_partition: bool = False
    engine: str = "single"

    @cached_property
    def log_partition(self) -> np.ndarray:
        """log sum_j exp(t_ij), (n,)."""
        if self.fine_partition:
            return dense.pair_plan(self.problem).log_partition
        return self._rows.log_partition(prepared(self.problem).move)

    def attend(self, values) -> np.ndarray:
        """sum_j exp(t_ij - log_partition_i) values_j, (n, c)."""
        found, rows = averages(prepared(self.problem), self.problem.values(values))
        require_keys(rows.total == 0)
        self.__dict__.setdefault("_rows", rows)
        return found

    def transpose(self, values) -> np.ndarray:
        """sum_i values_i exp(t_ij - log_partition_i), (nk, c), of values (n, c)."""
        values = finite_array("values", values, (len(self.problem.queries), None))
        return columns(prepared(self.problem), self._rows, values)

    @cached_property
    def _rows(self):
        """Shifts and totals of the rows."""
        self.attend(np.empty((len(self.problem.keys), 0)))
        return self.__dict__["_rows"]
