"""Attention as it is defined: form the matrix of exponents, then sum. The reference for every other
engine.
"""

from __future__ import annotations

import numpy as np

from simulations.attention.engines.pairs import PairPlan
from simulations.attention.engines.problem import Problem, require_numbers
from theory.setting.checks import fits

PAIR_BYTES = 40  # of scores, exponents, weights and what a score holds of a pair meanwhile


def plan(pseudo_metric, queries, keys, temperature, *, tolerance=None, **options):
    """See `simulations.attention.engines.Engine`; the tolerance is not needed.

    Raises InputError where the matrices of all pairs do not fit in the memory.
    """
    problem = Problem.checked(pseudo_metric, queries, keys, temperature, **options)
    (n, dim), m = problem.queries.shape, len(problem.keys)
    of_window = 16 * dim if problem.squared_window < np.inf else 0
    fits("engine naive: pairs", n * m, PAIR_BYTES + of_window, f"{n} x {m}")
    return PairPlan("naive", problem, sums, columns)


def sums(problem: Problem, values):
    """shift (n,), the largest exponent, and sums (n, 1 + c) of exp(t_ij - shift_i) times 1 and each
    value.
    """
    t = exponents(problem)
    shift = t.max(axis=1)
    weights = np.exp(t - np.where(np.isneginf(shift), 0.0, shift)[:, None])
    return shift, weights @ np.column_stack([np.ones(len(values)), values])


def columns(problem: Problem, shift, total, values):
    """sum_i values_i exp(t_ij - shift_i)/total_i, (nk, c)."""
    weights = np.exp(exponents(problem) - shift[:, None]) / total[:, None]
    return weights.T @ values


def exponents(problem: Problem) -> np.ndarray:
    """t_ij = -f(x_i, y_j)/temperature + key_bias_j, (n, nk), -inf where the key is left out."""
    x, y = problem.queries, problem.keys
    with np.errstate(all="ignore"):
        f = problem.pseudo_metric(y, x).T if problem.swapped else problem.pseudo_metric(x, y)
    out = np.zeros(f.shape, dtype=bool)
    if problem.squared_window < np.inf:
        out |= ((x[:, None, :] - y[None, :, :]) ** 2).sum(axis=-1) > problem.squared_window
    if problem.exclude_self:
        np.fill_diagonal(out, True)
    require_numbers(problem.pseudo_metric, ((np.isnan(f) | np.isneginf(f)) & ~out).any(axis=1))
    return np.where(out, -np.inf, -f / problem.temperature + problem.key_bias)
