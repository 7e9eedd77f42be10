"""Smaller samples out of a larger one."""

from __future__ import annotations

import numpy as np

from simulations.tokens.sampling import Tokens


def thinned(tokens: Tokens, rng: np.random.Generator) -> list[Tokens]:
    """Two samples of N/2 tokens, rounded down: of every two neighbours in order, one in each.

    Halves of i.i.d. tokens are i.i.d., and halves of stratified ones stratified: a token drawn from
    one of two neighbouring parts at random is uniform in their union.
    """
    pairs = np.arange(len(tokens) // 2 * 2).reshape(-1, 2)
    picked = rng.integers(2, size=len(pairs))
    rows = np.arange(len(pairs))
    parts = (pairs[rows, picked], pairs[rows, 1 - picked])
    return [Tokens(tokens.manifold, tokens.coordinates[i], tokens.points[i]) for i in parts]
