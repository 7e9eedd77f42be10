"""The noise of attention, read off quadrature nodes."""

from __future__ import annotations

import numpy as np

from theory.setting.checks import InputError, finite_array


def noise_on_nodes(operator, values) -> np.ndarray:
    """N times the variance of A H over samples of N keys, summed over features: (queries,).

    operator: a few queries that attend to quadrature nodes; values: (nodes, c), features there. By
    the influence of one key on the ratio of sums (delta method, N = infinity): with weights w_j of
    the nodes, sum_j w_j (a_ij/w_j)^2 |h_j - (A h)_i|^2.
    """
    if operator.self_attention:
        raise InputError("noise_on_nodes: got self-attention, expected queries that are no keys")
    values = finite_array("values", values, (operator.shape[1], None))
    shares = operator.T @ np.eye(operator.shape[0])
    means = operator @ values
    squared = (shares**2 / operator.weights[:, None]).T
    jumps = [((values - mean) ** 2).sum(axis=1) for mean in means]
    total = operator.weights.sum()
    return total * np.array([row @ jump for row, jump in zip(squared, jumps, strict=True)])
