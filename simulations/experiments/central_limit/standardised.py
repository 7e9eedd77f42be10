"""What infinitely many keys make of a query: A H(x) and N times its variance, on quadrature nodes.

Samples are standardised with these two, which are measured like the samples, by the operator.
"""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.observables.noise import noise_on_nodes
from simulations.statistics.intervals import Interval, jackknife_intervals
from simulations.tokens import quadrature_tokens
from theory.setting.nodes import nodes_for
from theory.setting.pseudo_metrics import GAUSSIAN


def limit_and_noise(p, query, eps: float, direction) -> tuple[float, float]:
    """(A H(x), N Var[A H(x)]) at N = infinity of H(y) = direction . y, from a query (D,)."""
    nodes = quadrature_tokens(p, nodes_for(p.manifold, eps))
    operator = AttentionOperator(query[None], GAUSSIAN, eps, keys=nodes)
    values = (nodes.points @ direction)[:, None]
    return float((operator @ values)[0, 0]), float(noise_on_nodes(operator, values)[0])


def shape_intervals(values) -> tuple[Interval, Interval]:
    """Skewness and kurtosis of values (samples, queries): samples independent, one law for all.

    By the jackknife over the samples, from the means of the first four powers.
    """
    powers = np.stack([(values**k).mean(axis=1) for k in (1, 2, 3, 4)], axis=1)
    skewness, kurtosis = jackknife_intervals(shape, powers)
    return skewness, kurtosis


def shape(means) -> np.ndarray:
    """(skewness, kurtosis) from the means of the first four powers, (4,)."""
    m, second, third, fourth = means
    variance = second - m**2
    centred3 = third - 3 * m * second + 2 * m**3
    centred4 = fourth - 4 * m * third + 6 * m**2 * second - 3 * m**4
    return np.array([centred3 / variance**1.5, centred4 / variance**2])
