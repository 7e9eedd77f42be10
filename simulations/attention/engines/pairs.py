"""The plan of an engine that sums over all pairs afresh each time, and keeps nothing but the
points.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simulations.attention.engines.problem import Problem, require_keys
from theory.setting.checks import finite_array, log_weights

# of exponents and biases together, up to which weights are as exact when they are made of one
# number a row, the log-partition: its rounding, 2^-53 of it, is an error of the row's weights
MOST_EXPONENT = 1000.0


@dataclass
class PairPlan:
    """sums(problem, values) gives shift (n,) and the sums (n, 1 + c) of exp(t_ij - shift_i) times 1
    and each value; columns(problem, shift, total, values) gives sum_i values_i exp(t_ij -
    shift_i)/total_i, (nk, c), of the same shift and the sum total (n,) of the same weights.
    """

    engine: str
    problem: Problem
    sums: Callable
    columns: Callable

    @cached_property
    def log_partition(self) -> np.ndarray:
        """log sum_j exp(t_ij), (n,)."""
        shift, total = self._rows
        return shift + np.log(total)

    def attend(self, values) -> np.ndarray:
        """sum_j exp(t_ij - log_partition_i) values_j, (n, c)."""
        shift, sums = self.sums(self.problem, self.problem.values(values))
        require_keys(np.isneginf(shift))
        self.__dict__.setdefault("_rows", (shift, sums[:, 0].copy()))
        return sums[:, 1:] / sums[:, :1]

    def accumulate(self, values, query_bias) -> np.ndarray:
        """sum_j exp(t_ij + query_bias_i) values_j, (n, c); 0 for a query with no key."""
        query_bias = log_weights("query_bias", query_bias, len(self.problem.queries))
        shift, sums = self.sums(self.problem, self.problem.values(values))
        return np.exp(shift + query_bias)[:, None] * sums[:, 1:]

    def transpose(self, values) -> np.ndarray:
        """sum_i values_i exp(t_ij - log_partition_i), (nk, c), of values (n, c): as much in all as
        sum_i values_i, however large the exponents.
        """
        values = finite_array("values", values, (len(self.problem.queries), None))
        if self._transposed is None:
            return self.columns(self.problem, *self._rows, values)
        other = PairPlan(self.engine, self._transposed, self.sums, self.columns)
        return other.accumulate(values, self.problem.key_bias)

    @cached_property
    def _rows(self):
        """Shift and total of every query."""
        self.attend(np.empty((len(self.problem.keys), 0)))
        return self.__dict__["_rows"]

    @cached_property
    def _transposed(self):
        """Keys ask and queries answer; None where weights would lose too much by it."""
        bias = self.problem.key_bias
        largest = np.abs(self.log_partition).max() + np.abs(bias[np.isfinite(bias)]).max()
        if largest > MOST_EXPONENT:
            return None
        return self.problem.transposed(-self.log_partition)
