"""Attention as it is defined: form the matrix of exponents, then sum. The reference for every other engine."""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp

from simulations.engines.problem import Problem, log_weights, require_keys, require_numbers


def attend(
    pseudo_metric, queries, keys, temperature, values, *, key_bias=None, exclude_self=False, window=None, swapped=False
):
    """log Z_i = log sum_j exp(t_ij) and means sum_j exp(t_ij - log Z_i) values_j; see `simulations.engines.Engine`."""
    problem = Problem.checked(
        pseudo_metric, queries, keys, temperature, values, key_bias, exclude_self, window, swapped
    )
    t = exponents(problem)
    log_partition = logsumexp(t, axis=1)
    require_keys(np.isneginf(log_partition))
    return log_partition, np.exp(t - log_partition[:, None]) @ problem.values


def accumulate(
    pseudo_metric, queries, keys, temperature, values, *, query_bias, key_bias=None, exclude_self=False, window=None,
    swapped=False,
):  # fmt: skip
    """sum_j exp(t_ij + query_bias_i) values_j; see `simulations.engines.Engine`."""
    problem = Problem.checked(
        pseudo_metric, queries, keys, temperature, values, key_bias, exclude_self, window, swapped
    )
    query_bias = log_weights("query_bias", query_bias, problem.queries.shape[0])
    return np.exp(exponents(problem) + query_bias[:, None]) @ problem.values


def exponents(problem: Problem) -> np.ndarray:
    """t_ij = -f(x_i, y_j)/temperature + key_bias_j, -inf where the key is left out, shape (n, nk)."""
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
