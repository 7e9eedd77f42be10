"""What every engine is asked to compute, checked at the door."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from theory.setting.checks import InputError, finite_array, log_weights, positive
from theory.setting.pseudo_metrics import PseudoMetric

# a closed ball: keys on its boundary belong to it in spite of rounding
WINDOW_SLACK = 1e-12


class TooLarge(InputError):
    """The engine could compute this, but not in the memory it allows itself."""


@dataclass(frozen=True)
class Problem:
    """Exponents t_ij = -f(x_i, y_j)/temperature + key_bias_j, some of them left out.

    queries (n, D), keys (nk, D), key_bias (nk,) finite or -inf. exclude_self leaves out j = i.
    swapped: f(y_j, x_i) in place of f(x_i, y_j). squared_window: keys with |x_i - y_j|^2 above it
    are left out; inf for none.
    """

    pseudo_metric: PseudoMetric
    queries: np.ndarray
    keys: np.ndarray
    temperature: float
    key_bias: np.ndarray
    exclude_self: bool
    squared_window: float
    swapped: bool

    @classmethod
    def checked(
        cls,
        pseudo_metric,
        queries,
        keys,
        temperature,
        *,
        key_bias=None,
        exclude_self=False,
        window=None,
        swapped=False,
    ):
        """Coerce and check; raises InputError that names what is wrong."""
        if not isinstance(pseudo_metric, PseudoMetric):
            raise InputError(
                f"pseudo_metric: got {type(pseudo_metric).__name__}, expected a PseudoMetric"
            )
        queries = finite_array("queries", queries, (None, None))
        n, dim = queries.shape
        keys = finite_array("keys", keys, (None, dim))
        n_keys = keys.shape[0]
        if n == 0 or n_keys == 0:
            raise InputError(
                f"attention: got {n} queries and {n_keys} keys, expected at least one of each"
            )
        if exclude_self and n != n_keys:
            raise InputError(
                f"exclude_self: got {n} queries and {n_keys} keys, expected equally many"
            )
        return cls(
            pseudo_metric,
            queries,
            keys,
            positive("temperature", temperature),
            np.zeros(n_keys) if key_bias is None else log_weights("key_bias", key_bias, n_keys),
            bool(exclude_self),
            squared_window(None if window is None else positive("window", window)),
            bool(swapped),
        )

    @cached_property
    def kept(self) -> dict:
        """What an engine makes of the points once, by the engine's name."""
        return {}

    @cached_property
    def mapped(self) -> tuple[np.ndarray, np.ndarray]:
        """Queries (n, m) and keys (nk, m) where the pseudo-metric sends them, each mapped once."""
        metric = self.pseudo_metric
        query_map, key_map = metric.map_queries, metric.map_keys
        if self.swapped:
            query_map, key_map = key_map, query_map
        x = np.ascontiguousarray(query_map(self.queries), dtype=np.float64)
        same = self.keys is self.queries and metric.query_map is metric.key_map
        y = x if same else np.ascontiguousarray(key_map(self.keys), dtype=np.float64)
        if x.shape[1] != y.shape[1]:
            raise InputError(
                f"{self.pseudo_metric.name}: maps queries to R^{x.shape[1]} and keys to "
                f"R^{y.shape[1]}, "
                f"expected the same space"
            )
        return x, y

    def paired(self, i, j) -> np.ndarray:
        """f of the pairs (i_k, j_k) of a query and a key, shape (k,)."""
        if self.swapped:
            return self.pseudo_metric.paired(self.keys[j], self.queries[i])
        return self.pseudo_metric.paired(self.queries[i], self.keys[j])

    def values(self, values) -> np.ndarray:
        """`values` as an array (nk, c), or raise InputError."""
        return finite_array("values", values, (len(self.keys), None))

    def rows(self, picked) -> Problem:
        """The same problem for some queries only, (k,) distinct numbers, with the keys of equal
        number put first.
        """
        order = self.keys_first(picked) if self.exclude_self else slice(None)
        return replace(
            self, queries=self.queries[picked], keys=self.keys[order], key_bias=self.key_bias[order]
        )

    def keys_first(self, picked) -> np.ndarray:
        """All keys' numbers, those in `picked` first: j = i is still the query's own key."""
        others = np.ones(len(self.keys), dtype=bool)
        others[picked] = False
        return np.concatenate([picked, np.flatnonzero(others)])

    def transposed(self, key_bias) -> Problem:
        """Keys ask and queries answer, with the given key_bias (n,)."""
        return replace(
            self, queries=self.keys, keys=self.queries, key_bias=key_bias, swapped=not self.swapped
        )


def squared_window(window: float | None) -> float:
    """|x_i - y_j|^2 up to which keys belong to a window; inf for none."""
    return np.inf if window is None else window**2 * (1 + WINDOW_SLACK)


def require_keys(lonely: np.ndarray) -> None:
    """Raise InputError if some row, marked True in `lonely` (n,), was left without a key."""
    if lonely.any():
        raise InputError(
            f"attention: query {int(np.argmax(lonely))} is left with no key ({lonely.sum()} of "
            f"{lonely.size} queries "
            f"are); widen the window, or give more keys a positive weight and a "
            "finite bias"
        )


def require_numbers(pseudo_metric: PseudoMetric, bad: np.ndarray) -> None:
    """Raise InputError if f was NaN or -inf in some row, marked True in `bad` (n,)."""
    if bad.any():
        raise InputError(
            f"pseudo-metric {pseudo_metric.name}: f(x, y) is not a number, or -inf, in {bad.sum()} "
            f"of {bad.size} rows, "
            f"the first at query {int(np.argmax(bad))}; expected a number at every pair"
        )
