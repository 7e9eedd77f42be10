"""What the score of a head does to the tokens of a text, and what its hot and cold limits leave of it.

All of it is attention of the same queries and keys at other temperatures: nothing is predicted.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulations.heads.head import Context
from simulations.heads.nulls import RANDOM, RANDOM_SPREAD, SHUFFLED, TRAINED
from theory.claims.trained_heads import COLD, STEP

# squares summed over the tokens of a text: of what the score does, A X - A_0 X with A_0 at infinite
# temperature; and of what is left of it by the response, by that of exchanged maps, by copying
SUMS = ("score", "response", "exchanged", "copying")
COMPARED = (TRAINED, RANDOM, RANDOM_SPREAD, SHUFFLED)


def at(context: Context, factor: float) -> np.ndarray:
    """Attention (n, n) at `factor` times the temperature of the head, which may be infinite."""
    return replace(context, temperature=factor * context.temperature).attention


def uniform(context: Context) -> np.ndarray:
    """A_0 (n, n), at infinite temperature."""
    return at(context, np.inf)


def response(context: Context, step: float = STEP) -> np.ndarray:
    """dA/dbeta (n, n) at beta = 0, of inverse temperatures beta in units of the head's own.

    A central difference: a negative temperature turns the score round. Its error is of order step^2.
    """
    return (at(context, 1 / step) - at(context, -1 / step)) / (2 * step)


def copying(context: Context) -> np.ndarray:
    """The limit of zero temperature (n, n): the key of the largest score, copied."""
    return at(context, COLD)


def exchanged(context: Context) -> Context:
    """The head with W_Q and W_K, b_Q and b_K exchanged: f(y, x) in place of f(x, y)."""
    return replace(context, queries=context.keys, keys=context.queries)


def text_sums(context: Context) -> list[float]:
    """SUMS of one text, from the Gram matrix of its tokens."""
    x = context.tokens - context.tokens.mean(axis=0)
    gram, alone = x @ x.T, uniform(context)
    score = context.attention - alone
    left = (
        score,
        score - response(context),
        score - response(exchanged(context)),
        context.attention - copying(context),
    )
    return [float(((kernel @ gram) * kernel).sum()) for kernel in left]
