"""The chains that heads are on sets of tokens: eigenvalues, irreversibility, place, first order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simulations.experiments.trained_heads.responses import text_sums
from simulations.heads.head import Context
from simulations.heads.measures import produced
from simulations.heads.place import text_place

CHAIN = ("imaginary", "negative", "entropy", "second")
NAT = 1.0  # by which later keys are scored lower: a soft causal mask


def contexts(layer) -> list[list[Context]]:
    """The heads of a `simulations.learn.snapshots.Layer` on its sets: by head, then set."""
    sets, heads, n, _ = layer.queries.shape
    allowed = np.ones((n, n), dtype=bool)
    return [
        [
            Context(layer.queries[s, h], layer.keys[s, h], layer.tokens[s], allowed, 1.0)
            for s in range(sets)
        ]
        for h in range(heads)
    ]


def chain(context: Context) -> np.ndarray:
    """CHAIN (4,): of the eigenvalues of A the largest imaginary part, how far the most negative real
    part is below 0, and the second modulus; entropy production in nats a step."""
    values = np.linalg.eigvals(context.attention)
    return np.array(
        [
            np.abs(values.imag).max(),
            max(0.0, -values.real.min()),
            abs(produced(context)),
            np.sort(np.abs(values))[-2],
        ]
    )


def soft_causal(context: Context, nats: float = NAT) -> Context:
    """Later keys scored `nats` lower: a score that depends on the order, so none of a metric."""
    n = len(context.tokens)
    later = -nats * np.triu(np.ones((n, n)), 1)
    return replace(
        context,
        queries=np.hstack([context.queries, later]),
        keys=np.hstack([context.keys, np.eye(n)]),
    )


def keys_apart(context: Context, rng, relative: float) -> Context:
    """Keys of another map of the tokens than the queries', off by that share of its size."""
    size = np.sqrt((context.keys**2).mean())
    x = context.tokens - context.tokens.mean(axis=0)
    other = x @ rng.standard_normal((x.shape[1], context.keys.shape[1]))
    other *= relative * size / np.sqrt((other**2).mean())
    return replace(context, keys=context.keys + other)


def places(context: Context, symmetric) -> np.ndarray:
    """Means that `simulations.heads.place.places` takes, (5,)."""
    return np.array(text_place(context, symmetric))


def response_sums(context: Context) -> np.ndarray:
    """Squares of what the score does, and of what its first-order response leaves of it, (2,)."""
    return np.array(text_sums(context)[:2])
