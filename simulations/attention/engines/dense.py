"""Attention over all pairs, fused: scores, weights and sums tile by tile on all cores, never the N
x N matrix.

Two passes share the work. The bounded pass serves squared distances and inner products whose
exponents are known beforehand to stay far from overflow: it needs no maximum, and evaluates a
symmetric score once per pair; in many dimensions it is made of matrix products
(simulations/engines/blocks.py). The online pass serves everything else at any temperature. Memory
beyond the result is O(tile x threads + N).
"""

from __future__ import annotations

import contextlib
import math

import numba
import numpy as np

from simulations.attention.engines import blocks
from simulations.attention.engines import dense_kernels as kernels
from simulations.attention.engines.pairs import PairPlan
from simulations.attention.engines.problem import Problem, require_numbers
from simulations.attention.engines.user_kernels import compile_point_function, compile_transform

# Exponents (base 2) of the bounded pass: |x - y|^2 = |x|^2 + |y|^2 - 2 x.y costs at most about 8 *
# 2^-53 * this limit,
# 4e-13, in the exponent; together with the biases all powers stay within 2^+-1000.
BOUNDED_EXPONENT = 384.0
BOUNDED_BIAS = 64.0
BOUNDED_VALUE = 1e100
# independent accumulators of the symmetric pass: fixed, so that results do not depend on threads
SYMMETRIC_LANES = 16
SYMMETRIC_VALUES = (
    8  # with more features the second set of sums costs what the evaluations saved, and memory
)

# pairs below which waking a second thread costs more than it saves, much more on a busy machine
SMALL_PROBLEM = 2_000_000

_FORMS = {
    "function": kernels.FUNCTION,
    "squared_distance": kernels.SQUARED_DISTANCE,
    "inner_product": kernels.INNER_PRODUCT,
}


def plan(pseudo_metric, queries, keys, temperature, *, tolerance=None, **options):
    """See `simulations.attention.engines.Engine`; results are exact to rounding whatever the
    tolerance.
    """
    return pair_plan(Problem.checked(pseudo_metric, queries, keys, temperature, **options))


def pair_plan(problem: Problem) -> PairPlan:
    """The plan of a problem that was checked."""
    return PairPlan("dense", problem, sums, columns)


def sums(problem: Problem, values):
    """shift (n,) and sums (n, 1 + c) of exp(t_ij - shift_i) times 1 and each value (nk, c)."""
    x, y = problem.mapped
    bilinear = _bilinear(problem, x, y, values)
    with _threads_for(len(x) * len(y)):
        if bilinear is None:
            return _online_sums(problem, x, y, values)
        return _bounded_sums(problem, *bilinear, values)


def columns(problem: Problem, shift, total, values):
    """sum_i values_i exp(t_ij - shift_i)/total_i, (nk, c), of values (n, c), for shift (n,) and
    total (n,) of `sums`: the exponents are computed as they are there, to the last bit.
    """
    x, y = problem.mapped
    out = _aligned_zeros((values.shape[1], len(y)))
    shares = np.ascontiguousarray(values / total[:, None])
    with _threads_for(len(x) * len(y)):
        kernels.online_columns(*_online_arguments(problem, x, y), shares, shift, out)
    return out.T.copy()


def is_bounded(problem: Problem) -> bool:
    """Whether the bounded pass, several times faster than the online pass, serves the problem."""
    return _bilinear(problem, *problem.mapped, np.zeros((1, 1))) is not None


@contextlib.contextmanager
def _threads_for(pairs):
    threads = numba.get_num_threads()
    numba.set_num_threads(1 if pairs < SMALL_PROBLEM else threads)
    try:
        yield
    finally:
        numba.set_num_threads(threads)


def _bilinear(problem, x, y, values):
    """As `bilinear`, or None if the bounded pass must not be used."""
    form = bilinear(problem, x, y)
    if form is None:
        return None
    q, r, k, b = form
    # |q| |k| bounds an inner product; of a squared distance, q = -2 c x and b = c |y|^2
    if problem.pseudo_metric.form == "squared_distance":
        largest = np.abs(r).max() + np.abs(b).max()
    else:
        largest = math.sqrt((q**2).sum(axis=1).max() * (k**2).sum(axis=1).max())
    bounded = (
        largest <= BOUNDED_EXPONENT
        and np.abs(problem.key_bias).max() * kernels.LOG2_E <= BOUNDED_BIAS
        and np.abs(values).max(initial=0) <= BOUNDED_VALUE
    )
    return form if bounded else None


def bilinear(problem: Problem, x, y):
    """Exponents of the mapped points x (n, m), y (nk, m), without key biases, as r_i + b_j +
    q_i.k_j in base 2: (q, r, k, b), or None where the score is not of that form.

    The score is an inner product already, or a squared distance expanded about the middle of the
    keys.
    """
    metric = problem.pseudo_metric
    if metric.form == "function" or metric.transform is not None or problem.squared_window < np.inf:
        return None
    c = -metric.scale / problem.temperature * kernels.LOG2_E
    if metric.form == "inner_product":
        return c * x, np.zeros(len(x)), y, np.zeros(len(y))
    middle = (y.min(axis=0) + y.max(axis=0)) / 2
    x, y = x - middle, y - middle
    return -2 * c * x, c * (x**2).sum(axis=1), y, c * (y**2).sum(axis=1)


def _bounded_sums(problem, q, r, k, b, values):
    n, c = len(q), values.shape[1]
    bias = problem.key_bias * kernels.LOG2_E
    base = _aligned_copy(b + bias)
    symmetric = np.array_equal(r, b) and same_points(problem, q, k)
    if q.shape[1] + c >= blocks.FROM_WIDTH:
        if symmetric:
            sums = blocks.symmetric_block_sums(q, k, b, values, bias, problem.exclude_self)
            return np.zeros(n), sums
        return r / kernels.LOG2_E, blocks.block_sums(q, k, base, values, problem.exclude_self)
    symmetric = symmetric and c <= SYMMETRIC_VALUES
    values = _features_first(values, max(c, 1))
    keys = _features_first(k, -(-k.shape[1] // 3) * 3)
    queries = _padded(q, keys.shape[0])
    totals = np.zeros((n, 1 + values.shape[0]))
    lanes = SYMMETRIC_LANES if symmetric else -(-n // kernels.ROW_BLOCK)
    columns = _aligned_zeros((lanes, 1 + values.shape[0], n) if symmetric else (0, 0, 0))
    factors = np.exp2(r + bias) if symmetric else np.empty(0)
    kernels.bounded_pass(
        queries, keys, base, values, problem.exclude_self, factors, lanes, totals, columns
    )
    if symmetric:
        totals += (columns.sum(axis=0) * np.exp2(-r - bias)).T
        if not problem.exclude_self:
            own = np.exp2(base + (q * k).sum(axis=1))[:, None]
            totals += own * np.vstack([np.ones(n), values]).T
    return r / kernels.LOG2_E, totals[:, : 1 + c]


def same_points(problem: Problem, q, k) -> bool:
    """Whether the score q_i.k_j of `bilinear` is symmetric over the tokens.

    It is if queries and keys are mapped to the same points; q is a multiple of them.
    """
    if q.shape != k.shape:
        return False
    metric = problem.pseudo_metric
    factor = -metric.scale / problem.temperature * kernels.LOG2_E
    return np.array_equal(q, (-2 * factor if metric.form == "squared_distance" else factor) * k)


def _online_sums(problem, x, y, values):
    n, c = len(x), values.shape[1]
    values = _features_first(values, max(c, 1))
    shift, totals = np.full(n, -np.inf), np.zeros((n, 1 + values.shape[0]))
    kernels.online_pass(*_online_arguments(problem, x, y), values, shift, totals)
    require_numbers(problem.pseudo_metric, ~(shift < np.inf))
    return shift, totals[:, : 1 + c]


def _online_arguments(problem, x, y):
    """What both online kernels take of a problem."""
    metric = problem.pseudo_metric
    none = np.empty((0, 0))
    if metric.form == "function":
        user, keys, key_rows = compile_point_function(metric.point_function), none, y
    else:
        user = None if metric.transform is None else compile_transform(metric.transform)
        keys, key_rows = _features_first(y), none
    windowed = problem.squared_window < np.inf
    return (
        _FORMS[metric.form],
        0 if user is None else user.address,
        int(problem.swapped),
        x,
        keys,
        key_rows,
        -metric.scale / problem.temperature,
        problem.key_bias,
        problem.exclude_self,
        np.ascontiguousarray(problem.queries) if windowed else none,
        _features_first(problem.keys) if windowed else none,
        problem.squared_window,
    )


def _features_first(rows, count=None):
    """(n, c) as (count, n), each component contiguous and aligned, filled up with zeros."""
    out = _aligned_zeros((rows.shape[1] if count is None else count, rows.shape[0]))
    out[: rows.shape[1]] = rows.T
    return out


def _padded(rows, count):
    out = np.zeros((rows.shape[0], count))
    out[:, : rows.shape[1]] = rows
    return out


def _aligned_zeros(shape):
    # vectors that straddle two cache lines cost twice
    size = math.prod(shape)
    raw = np.zeros(size + 8)
    offset = (-raw.ctypes.data % 64) // 8
    return raw[offset : offset + size].reshape(shape)


def _aligned_copy(array):
    out = _aligned_zeros(array.shape)
    out[...] = array
    return out
