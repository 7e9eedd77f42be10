"""Where a head stands on the plane of the claim `regime`: how many keys share its weight, and how far
its clock goes in units of the length over which the tokens vary."""

from __future__ import annotations

import numpy as np

from simulations.heads.head import Context
from theory.setting.heads import symmetric_and_rotation

# means over the queries of a text: squared distances that the kernel, or uniform attention, goes, by
# the tokens themselves and by the head's own form; and 1/sum_j a_ij^2
SUMS = ("jump", "spread", "own_jump", "own_spread", "neighbours")
PLACES = ("neighbours", "clock", "own_clock")


def text_place(context: Context, symmetric) -> list[float]:
    """SUMS of a head on one text; symmetric: S (D, D) of M = W_Q^T W_K.

    The head's own squared distance is f(x, y) + f(y, x) - f(x, x) - f(y, y) = (x-y)^T S (x-y) times
    2, in which biases cancel; S is indefinite, so it may be negative.
    """
    a, x = context.attention, context.tokens - context.tokens.mean(axis=0)
    seen = context.allowed / context.allowed.sum(axis=1, keepdims=True)
    found = []
    for gram in (x @ x.T, x @ symmetric @ x.T):
        size = np.diagonal(gram)
        apart = size[:, None] + size - 2 * gram
        found += [float((kernel * apart).sum(axis=1).mean()) for kernel in (a, seen)]
    return [*found, float((1 / (a**2).sum(axis=1)).mean())]


def places(means) -> np.ndarray:
    """PLACES of mean SUMS (..., 5): (..., 3).

    clock: tau/l^2 with 2 d tau the mean squared jump and d l^2 the total variance of the tokens that
    are seen, half their mean squared distance; the dimension d cancels. 1: uniform attention.
    """
    jump, spread, own_jump, own_spread, neighbours = np.moveaxis(np.asarray(means), -1, 0)
    return np.stack([neighbours, jump / spread, own_jump / own_spread], axis=-1)


def symmetric_part(matrix) -> np.ndarray:
    return symmetric_and_rotation(matrix)[0]
