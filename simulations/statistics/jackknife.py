"""The two-fold jackknife: a bias of order 1/N, measured on the two halves of a sample, taken away."""

from __future__ import annotations

import numpy as np

from simulations.statistics.intervals import Interval, bounded, mean_interval
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


def jackknifed_twice(estimate, tokens: Tokens, whole=None) -> np.ndarray:
    """The jackknife of a sample and the mean of those of its two halves, (2, ...).

    What is left of the bias is of order 1/N^2, so it is four times as large in the halves. whole: as
    in `jackknifed`.
    """
    whole = estimate(tokens) if whole is None else whole
    parts = [np.asarray(estimate(half)) for half in halves(tokens)]
    jackknife = 2 * np.asarray(whole) - np.mean(parts, axis=0)
    of_halves = [
        jackknifed(estimate, half, part) for half, part in zip(halves(tokens), parts, strict=True)
    ]
    return np.array([jackknife, np.mean(of_halves, axis=0)])


def jackknifed_interval(whole, of_halves) -> Interval:
    """Student's interval of the jackknife of samples (seeds,), wider by how far it is from that of
    the halves (seeds,): at least what is left of the bias, as long as that falls with N."""
    moved = abs(float(np.mean(whole) - np.mean(of_halves)))
    return bounded(mean_interval(whole), moved, "how far half the tokens move it")
