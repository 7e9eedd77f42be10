"""What every engine is asked to compute, checked at the door."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.checks import InputError, finite_array, positive
from theory.pseudo_metrics import PseudoMetric

# a closed ball: keys on its boundary belong to it in spite of rounding
WINDOW_SLACK = 1e-12


@dataclass(frozen=True)
class Problem:
    """Exponents t_ij = -f(x_i, y_j)/temperature + key_bias_j, some of them left out, and the values to be averaged.

    queries (n, D), keys (nk, D), values (nk, c), key_bias (nk,) finite or -inf. swapped: f(y_j, x_i) in place of
    f(x_i, y_j). squared_window: keys with |x_i - y_j|^2 above it are left out; inf for none.
    """

    pseudo_metric: PseudoMetric
    queries: np.ndarray
    keys: np.ndarray
    temperature: float
    values: np.ndarray
    key_bias: np.ndarray
    exclude_self: bool
    squared_window: float
    swapped: bool

    @classmethod
    def checked(cls, pseudo_metric, queries, keys, temperature, values, key_bias, exclude_self, window, swapped):
        """Coerce and check; raises InputError that names what is wrong."""
        if not isinstance(pseudo_metric, PseudoMetric):
            raise InputError(f"pseudo_metric: got {type(pseudo_metric).__name__}, expected a PseudoMetric")
        queries = finite_array("queries", queries, (None, None))
        n, dim = queries.shape
        keys = finite_array("keys", keys, (None, dim))
        n_keys = keys.shape[0]
        if n == 0 or n_keys == 0:
            raise InputError(f"attention: got {n} queries and {n_keys} keys, expected at least one of each")
        if exclude_self and n != n_keys:
            raise InputError(f"exclude_self: got {n} queries and {n_keys} keys, expected equally many")
        return cls(
            pseudo_metric,
            queries,
            keys,
            positive("temperature", temperature),
            finite_array("values", values, (n_keys, None)),
            np.zeros(n_keys) if key_bias is None else log_weights("key_bias", key_bias, n_keys),
            bool(exclude_self),
            np.inf if window is None else positive("window", window) ** 2 * (1 + WINDOW_SLACK),
            bool(swapped),
        )


def log_weights(name: str, values, length: int) -> np.ndarray:
    """`values` as an array (length,) of finite numbers or -inf, or raise InputError."""
    array = np.asarray(values, dtype=np.float64)
    finite_array(name, np.where(array == -np.inf, 0.0, array), (length,))
    return array


def require_keys(lonely: np.ndarray) -> None:
    """Raise InputError if some row, marked True in `lonely` (n,), was left without a key."""
    if lonely.any():
        raise InputError(
            f"attention: query {int(np.argmax(lonely))} is left with no key ({lonely.sum()} of {lonely.size} queries "
            f"are); widen the window, or give more keys a finite bias"
        )


def require_numbers(pseudo_metric: PseudoMetric, bad: np.ndarray) -> None:
    """Raise InputError if f was NaN or -inf in some row, marked True in `bad` (n,)."""
    if bad.any():
        raise InputError(
            f"pseudo-metric {pseudo_metric.name}: f(x, y) is not a number, or -inf, in {bad.sum()} of {bad.size} rows, "
            f"the first at query {int(np.argmax(bad))}; expected a number at every pair"
        )
