"""Engines: interchangeable ways to compute the one sum over keys that every attention is made of."""

from __future__ import annotations

from types import ModuleType
from typing import Protocol

import numpy as np

from simulations.engines import dense, naive
from theory.pseudo_metrics import PseudoMetric


class Engine(Protocol):
    """Exponents t_ij = -f(x_i, y_j)/temperature + key_bias_j (docs/theory.md, "Attention is a Markov operator").

    queries x (n, D) and keys y (nk, D): points; values (nk, c), c >= 0; temperature > 0, in the units of f.
    key_bias (nk,): added to the exponent, -inf for weight zero. exclude_self leaves out j = i (n = nk only). window
    leaves out keys with Euclidean |x_i - y_j| > window (the points themselves, closed ball up to rounding). swapped
    uses f(y_j, x_i). Both functions raise InputError for unusable input, and where f is NaN or -inf at a pair that
    is not left out; f = +inf is weight zero.
    """

    def attend(
        self, pseudo_metric: PseudoMetric, queries, keys, temperature: float, values, *, key_bias=None,
        exclude_self: bool = False, window: float | None = None, swapped: bool = False,
    ) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
        """Return log_partition_i = log sum_j exp(t_ij), (n,), and sum_j exp(t_ij - log_partition_i) values_j, (n, c).

        Raises InputError if a query is left with no key.
        """

    def accumulate(
        self, pseudo_metric: PseudoMetric, queries, keys, temperature: float, values, *, query_bias, key_bias=None,
        exclude_self: bool = False, window: float | None = None, swapped: bool = False,
    ) -> np.ndarray:  # fmt: skip
        """Return sum_j exp(t_ij + query_bias_i) values_j, (n, c), not normalised; a query with no key gets 0.

        For callers who know that t_ij + query_bias_i is not far above 0 (the transpose of attention: weights <= 1).
        """


ENGINES: dict[str, Engine | ModuleType] = {"dense": dense, "naive": naive}
