"""Heads and tokens that were not trained for each other: what is true of them needs no training."""

from __future__ import annotations

import numpy as np

from simulations.heads.head import Context, Head
from simulations.heads.measures import variances
from simulations.heads.models import ModelHead

TRAINED = "trained"
RANDOM, RANDOM_SPREAD = "random weights", "random weights, same spread"
ONE_MAP, SHUFFLED = "W_K = W_Q", "shuffled tokens"
NULLS = (RANDOM, RANDOM_SPREAD, ONE_MAP, SHUFFLED)


def random_head(head: Head, rng) -> Head:
    """Normal entries with the root mean square that each map and bias of the head has."""

    def like(array):
        return np.sqrt((array**2).mean()) * rng.standard_normal(array.shape)

    return Head(like(head.w_q), like(head.w_k), like(head.b_q), like(head.b_k))


def scaled(head: Head, factor: float) -> Head:
    """The head with `factor` times its scores."""
    return Head(factor * head.w_q, head.w_k, factor * head.b_q, head.b_k)


def one_map(head: Head) -> Head:
    """W_K := W_Q and b_K := b_Q: a symmetric score."""
    return Head(head.w_q, head.w_q, head.b_q, head.b_q)


def shuffled(texts, rng) -> tuple[np.ndarray, ...]:
    """The tokens of all texts dealt out anew, every text as long as it was."""
    pool = rng.permutation(np.concatenate(texts))
    return tuple(np.split(pool, np.cumsum([len(x) for x in texts])[:-1]))


def score_spread(contexts) -> float:
    """The rms standard deviation of f/eps over the keys of a query, over all queries."""
    every = np.concatenate([variances(c.pseudo_metric, c.allowed) for c in contexts])
    return float(np.sqrt(every.mean()) / contexts[0].temperature)


def variants(trained: ModelHead, rng, shuffled_texts) -> dict[str, list[Context]]:
    """What the head scores on its texts, and each null beside it."""
    here = trained.contexts()
    random = random_head(trained.head, rng)
    at_random = trained.contexts(random)
    factor = score_spread(here) / score_spread(at_random)
    return {
        TRAINED: here,
        RANDOM: at_random,
        RANDOM_SPREAD: trained.contexts(scaled(random, factor)),
        ONE_MAP: trained.contexts(one_map(trained.head)),
        SHUFFLED: trained.contexts(tokens=shuffled_texts),
    }
