"""Other normalisations of the same scores, as operators: most of them are softmax attention with a
key bias.

docs/theory.md, "Other normalisations". Weights of `Tokens` (quadrature) count in every sum, so that
each normalisation has its N -> infinity form.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numba
import numpy as np
from scipy.ndimage import correlate1d
from scipy.sparse import csr_array
from scipy.sparse.linalg import LinearOperator, aslinearoperator

from simulations.attention import AttentionOperator
from simulations.attention.engines.sparse import nearest, sparse_operator
from theory.setting.checks import InputError, finite_array, positive, real, whole
from theory.setting.pickling import WithFunctions
from theory.setting.pseudo_metrics import PseudoMetric


def swapped(f: PseudoMetric) -> PseudoMetric:
    """f(y, x): the scores with queries and keys exchanged."""
    if f.form == "function":
        return replace(f, point_function=SwappedPoints(f.point_function))
    return replace(f, query_map=f.key_map, key_map=f.query_map)


@dataclass(frozen=True)
class SwappedPoints(WithFunctions):
    """The function of two points with its arguments exchanged."""

    function: Callable

    def __call__(self, x, y):
        return self.function(y, x)

    @property
    def py_func(self):
        """The plain function, for a compiler."""
        compiled = numba.njit(getattr(self.function, "py_func", self.function))
        return lambda x, y: compiled(y, x)


def alpha_normalised(
    tokens, f: PseudoMetric, temperature: float, alpha: float
) -> AttentionOperator:
    """Weights divided by (sum of the key's column)^alpha, then by row sums; alpha = 0 is softmax, 1
    is doubly normalised.
    """
    columns = _log_column_sums(tokens, tokens, f, temperature)
    return AttentionOperator(tokens, f, temperature, key_bias=-real("alpha", alpha) * columns)


def doubly_normalised(
    tokens, f: PseudoMetric, temperature: float, *, keys=None
) -> AttentionOperator:
    """Weights divided by their column sums, then by row sums (Ding et al. 2020); `keys` as in
    AttentionOperator.
    """
    columns = _log_column_sums(tokens, tokens if keys is None else keys, f, temperature)
    return AttentionOperator(tokens, f, temperature, keys=keys, key_bias=-columns)


def _log_column_sums(tokens, keys, f, temperature, query_bias=None):
    """log sum_i w_i exp(-f(x_i, y_j)/eps + b_i), shape (number of keys,)."""
    return AttentionOperator(
        keys, swapped(f), temperature, keys=tokens, key_bias=query_bias
    ).log_partition


@dataclass(frozen=True)
class Balanced:
    """Attention after Sinkhorn sweeps: rows sum to 1, columns to within `column_error`."""

    operator: AttentionOperator
    row_error: float
    column_error: float
    sweeps: int


def sinkhorn(tokens, f: PseudoMetric, temperature: float, sweeps: int) -> Balanced:
    """So many sweeps of Sinkhorn (rows, then columns; Sander et al. 2022), rows normalised once
    more at the end.
    """
    bias = None
    for _ in range(whole("sweeps", sweeps, 1)):
        rows = AttentionOperator(tokens, f, temperature, key_bias=bias).log_partition
        bias = -_log_column_sums(tokens, tokens, f, temperature, -rows)
    return _balanced(tokens, f, temperature, bias, sweeps)


def doubly_stochastic(
    tokens, f: PseudoMetric, temperature: float, tolerance: float = 1e-10, limit: int = 200
) -> Balanced:
    """Sinkhorn's limit for a symmetric score, by sweeps that go half the way in the logarithm.

    Alternating sweeps relax by diffusion and need about 1/tau of them; these need about ten. Raises
    InputError for an asymmetric score, or where `limit` sweeps leave the column sums farther than
    `tolerance` from 1.
    """
    if not f.symmetric:
        raise InputError(
            f"doubly_stochastic: got the asymmetric score {f.name!r}, expected a symmetric one"
        )
    bias = np.zeros(len(tokens))
    for sweep in range(1, whole("limit", limit, 1) + 1):
        excess = bias + AttentionOperator(tokens, f, temperature, key_bias=bias).log_partition
        if np.abs(np.expm1(excess)).max() <= positive("tolerance", tolerance):
            return _balanced(tokens, f, temperature, bias, sweep)
        bias -= excess / 2
    raise InputError(
        f"doubly_stochastic: column sums are {np.abs(np.expm1(excess)).max():.2g} off 1 after "
        f"{limit} sweeps, expected {tolerance:g}"
    )


def _balanced(tokens, f, temperature, bias, sweeps):
    operator = AttentionOperator(tokens, f, temperature, key_bias=bias)
    rows = np.abs(operator @ np.ones(operator.shape[1]) - 1).max()
    logarithms = bias + _log_column_sums(tokens, tokens, f, temperature, -operator.log_partition)
    columns = np.abs(np.expm1(logarithms)).max()
    return Balanced(operator, float(rows), float(columns), sweeps)


def top_k(tokens, k: int, *, counted: bool = True) -> LinearOperator:
    """Uniform attention to the k nearest tokens, the token itself counted among them or left out;
    O(N k) memory.
    """
    points = getattr(tokens, "points", tokens)
    points = finite_array("tokens", points, (None, None))
    n, k = len(points), whole("k", k, 1)
    if k + (not counted) > n:
        raise InputError(f"k: got {k} neighbours among {n} tokens, expected fewer")
    found = nearest(points, k if counted else k + 1)
    kept = found if counted else found[:, 1:]
    rows = csr_array(
        (np.full(n * k, 1 / k), kept.ravel(), np.arange(0, n * k + 1, k)), shape=(n, n)
    )
    return sparse_operator(rows)


def residual(operator: LinearOperator, share: float) -> LinearOperator:
    """(1 - s) I + s A: attention with a skip connection, 0 < s <= 1."""
    s = positive("share", share)
    if s > 1:
        raise InputError(f"share: got {s:g}, expected at most 1")
    identity = aslinearoperator(
        csr_array(
            (
                np.ones(operator.shape[0]),
                np.arange(operator.shape[0]),
                np.arange(operator.shape[0] + 1),
            )
        )
    )
    return (1 - s) * identity + s * operator


def convolution(weights, n_tokens: int) -> LinearOperator:
    """(A H)_i = sum_j w_j H_{i+j} on n equispaced tokens of a circle, j = -m..m; weights (2m+1,)
    non-negative of sum 1.
    """
    w, n = finite_array("weights", weights, (None,)), whole("n_tokens", n_tokens, 2)
    if len(w) % 2 == 0 or len(w) > n or w.min() < 0 or abs(w.sum() - 1) > 1e-12:
        raise InputError(
            f"weights: got {len(w)} of sum {w.sum():g}, smallest {w.min():g}; expected an odd "
            f"number <= {n}, none < 0, sum 1"
        )

    def apply(h):
        return correlate1d(h, w, axis=0, mode="wrap")

    return LinearOperator((n, n), matvec=lambda h: apply(h.ravel()), matmat=apply, dtype=np.float64)


def received(operator: LinearOperator) -> np.ndarray:
    """The attention each key receives from all queries together, sum_i a_ij, shape (number of
    keys,).
    """
    return operator.T @ np.ones(operator.shape[0])


def log_received(operator: AttentionOperator) -> np.ndarray:
    """log sum_i a_ij, also where the sum underflows."""
    columns = AttentionOperator(
        operator.keys,
        swapped(operator.pseudo_metric),
        operator.temperature,
        keys=operator.queries,
        key_bias=-operator.log_partition,
    )
    return columns.log_partition + operator.key_bias
