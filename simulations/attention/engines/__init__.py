"""Engines: interchangeable ways to compute the one sum over keys that attention is made of."""

from __future__ import annotations

from types import ModuleType
from typing import Protocol

import numpy as np

from simulations.attention.engines import auto, boxes, dense, naive, nufft, single, truncated
from simulations.attention.engines.auto import APPLICATIONS, choose_engine
from simulations.attention.engines.problem import Problem
from theory.setting.pseudo_metrics import PseudoMetric

__all__ = ["APPLICATIONS", "ENGINES", "TOLERANCE", "Engine", "Plan", "check", "choose_engine"]

TOLERANCE = 1e-10  # of an engine that is not exact to rounding, unless told otherwise


class Plan(Protocol):
    """Attention of fixed queries to fixed keys: all set-up is done, and applying it k times costs k
    applications.

    engine: the name of the engine that does the work. log_partition (n,): log sum_j exp(t_ij). All
    functions raise InputError for values of the wrong shape or not finite, and where a query is
    left with no key.
    """

    engine: str
    log_partition: np.ndarray

    def attend(self, values) -> np.ndarray:
        """sum_j exp(t_ij - log_partition_i) values_j, (n, c), of values (nk, c), c >= 0."""

    def transpose(self, values) -> np.ndarray:
        """sum_i values_i exp(t_ij - log_partition_i), (nk, c), of values (n, c)."""


class Engine(Protocol):
    """Exponents t_ij = -f(x_i, y_j)/temperature + key_bias_j (docs/theory.md, "Engines")."""

    def plan(
        self,
        pseudo_metric: PseudoMetric,
        queries,
        keys,
        temperature: float,
        *,
        key_bias=None,
        exclude_self: bool = False,
        window: float | None = None,
        swapped: bool = False,
        tolerance: float = TOLERANCE,
    ) -> Plan:
        """Set up attention of queries x (n, D) to keys y (nk, D).

        temperature > 0, in the units of f. key_bias (nk,): added to the exponent, -inf for weight
        zero. exclude_self leaves out j = i (n = nk only). window leaves out keys with Euclidean
        |x_i - y_j| > window (the points themselves, closed ball up to rounding). swapped uses
        f(y_j, x_i). f = +inf is weight zero.

        tolerance bounds the error of `attend` relative to the largest |value| of a feature, that of
        `transpose` in the sum over keys relative to the sum of |values|, and that of
        exp(log_partition) relative to itself. Raises InputError for unusable input, for a score the
        engine cannot compute, and (now or at the first application) where f is NaN or -inf at a
        pair that is not left out.
        """


ENGINES: dict[str, Engine | ModuleType] = {
    "auto": auto,
    "boxes": boxes,
    "dense": dense,
    "naive": naive,
    "nufft": nufft,
    "single": single,
    "truncated": truncated,
}
_CHECKS = {
    "nufft": nufft.check,
    "single": single.check,
    "truncated": truncated.check,
}  # the others compute everything


def check(engine: str, problem: Problem, tolerance: float) -> None:
    """Raise InputError for what is wrong with a problem and needs no sum over keys to be found.

    Points that the score does not take, or a score that the engine does not: in O((n + nk) D).
    """
    _ = problem.mapped
    if engine in _CHECKS:
        _CHECKS[engine](problem, tolerance)
