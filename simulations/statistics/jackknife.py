"""The two-fold jackknife: a bias of order 1/N, measured on the two halves of a sample, taken away."""

from __future__ import annotations

import numpy as np

from simulations.tokens.sampling import Tokens


def halves(tokens: Tokens) -> list[Tokens]:
    """The two halves of an i.i.d. sample: two independent samples of N/2 tokens, rounded down."""
    middle = len(tokens) // 2
    return [
        Tokens(tokens.manifold, tokens.coordinates[part], tokens.points[part])
        for part in (slice(middle), slice(middle, 2 * middle))
    ]


def jackknifed(estimate, tokens: Tokens, whole=None) -> np.ndarray:
    """2 v(N) - mean v(N/2) of an estimate, a function of tokens: free of its bias of order 1/N.

    tokens: an i.i.d. sample, whose halves are used; the noise is not amplified (Quenouille 1956).
    whole: v(N), where it is known already.
    """
    whole = estimate(tokens) if whole is None else whole
    parts = [estimate(half) for half in halves(tokens)]
    return 2 * np.asarray(whole) - np.mean(parts, axis=0)
