"""The generator of attention to the nearest keys of one query, by its own clock."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from theory.claims import neighbour_rate as claim
from theory.setting.pseudo_metrics import GAUSSIAN

HIGH = 1e12  # a temperature at which all keys weigh the same, to rounding


def generator(weights: str, x, keys, radius: float, values, here, mass=None) -> np.ndarray:
    """(A H(x) - H(x))/clock at the query x (D,), shape (c,).

    keys (n, D) with features `values` (n, c), `here` (c,) at x; radius: r_k. Sharp: equal weights on
    the keys no farther than that. Smooth: exp(-r^2/(4 eps)), eps = r_k^2/(2 (d+2)), as wide as the
    ball. The clock is half the mean squared jump per dimension, measured with the same weights.
    mass: (n,) of quadrature nodes.
    """
    d = x.size - 1
    if weights == claim.SHARP:
        temperature, window = HIGH, radius
    else:
        temperature, window = radius**2 / (2 * (d + 2)), None
    operator = AttentionOperator(
        x[None], GAUSSIAN, temperature, keys=keys, weights=mass, window=window
    )
    squares = ((keys - x) ** 2).sum(axis=1)
    *after, jump = (operator @ np.column_stack([values, squares]))[0]
    return (np.array(after) - here) / (jump / (2 * d))
