"""The plan of an engine that sums over all pairs afresh each time, and keeps nothing but the
points.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simulations.attention.engines.problem import Problem, require_keys
from theory.setting.checks import InputError, finite_array, log_weights


@dataclass
class PairPlan:
    """sums(problem, values) gives shift (n,) and the sums (n, 1 + c) of exp(t_ij - shift_i) times 1
    and each value.
    """

    engine: str
    problem: Problem
    sums: Callable

    @cached_property
    def log_partition(self) -> np.ndarray:
        """log sum_j exp(t_ij), (n,)."""
        self.attend(np.empty((len(self.problem.keys), 0)))
        return self.__dict__["log_partition"]

    def attend(self, values) -> np.ndarray:
        """sum_j exp(t_ij - log_partition_i) values_j, (n, c)."""
        shift, sums = self.sums(self.problem, self.problem.values(values))
        require_keys(np.isneginf(shift))
        self.__dict__.setdefault("log_partition", shift + np.log(sums[:, 0]))
        return sums[:, 1:] / sums[:, :1]

    def accumulate(self, values, query_bias) -> np.ndarray:
        """sum_j exp(t_ij + query_bias_i) values_j, (n, c); 0 for a query with no key."""
        query_bias = log_weights("query_bias", query_bias, len(self.problem.queries))
        shift, sums = self.sums(self.problem, self.problem.values(values))
        return np.exp(shift + query_bias)[:, None] * sums[:, 1:]

    def transpose(self, values) -> np.ndarray:
        """sum_i values_i exp(t_ij - log_partition_i), (nk, c), of values (n, c)."""
        values = finite_array("values", values, (len(self.problem.queries), None))
        other = PairPlan(self.engine, self._transposed, self.sums)
        moved = other.accumulate(values, self.problem.key_bias)
        if not np.isfinite(moved).all():
            raise InputError(
                f"transpose: scores over the temperature {self.problem.temperature:g} are so large "
                "that their rounding exceeds 700; expected nearer tokens or a higher temperature"
            )
        return moved

    @cached_property
    def _transposed(self):
        return self.problem.transposed(-self.log_partition)
