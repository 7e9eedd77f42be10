"""Bootstrap intervals: bias-corrected and accelerated, of smooth statistics of means.

Efron 1987, "Better bootstrap confidence intervals", sections 2 to 6.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri

from simulations.statistics.intervals import CONFIDENCE, Interval, check_confidence
from theory.setting.checks import finite_array, whole

RESAMPLES = 10_000  # ten of them beyond the ends of an interval of 99.9 %
BLOCK = 2000  # resamples drawn at once


def bootstrap_intervals(
    statistic, samples, rng, confidence: float = CONFIDENCE, resamples: int = RESAMPLES
) -> list[Interval]:
    """The intervals of statistics of the mean of independent samples (n, k), n >= 8.

    statistic: of means (..., k) to numbers (..., s), for every leading axis. A statistic that no
    resample changes has the interval of width 0.
    """
    samples = finite_array("samples", samples, (None, None))
    n = whole("number of samples for a bootstrap", len(samples), 8)
    check_confidence(confidence)
    value = np.asarray(statistic(samples.mean(axis=0)))
    drawn = np.concatenate([statistic(m) for m in _means(samples, rng, resamples)])
    without = np.asarray(statistic((samples.sum(axis=0) - samples) / (n - 1)))
    basis = f"bootstrap, {n} samples"
    return [
        Interval(float(v), *_ends(float(v), d, w, confidence), basis)
        for v, d, w in zip(value, drawn.T, without.T, strict=True)
    ]


def _means(samples, rng, resamples):
    """Means of resampled rows, (block, k) at a time."""
    n = len(samples)
    for begin in range(0, resamples, BLOCK):
        counts = rng.multinomial(n, np.full(n, 1 / n), size=min(BLOCK, resamples - begin))
        yield counts @ samples / n


def _ends(value, drawn, without, confidence):
    if np.ptp(drawn) == 0:
        return value, value
    below = (np.sum(drawn < value) + np.sum(drawn == value) / 2) / len(drawn)
    bias = ndtri(np.clip(below, 1 / len(drawn), 1 - 1 / len(drawn)))
    away = without.mean() - without
    acceleration = (away**3).sum() / (6 * max((away**2).sum(), 1e-300) ** 1.5)
    tails = bias + ndtri([(1 - confidence) / 2, (1 + confidence) / 2])
    low, high = np.quantile(drawn, ndtr(bias + tails / (1 - acceleration * tails)))
    return float(low), float(high)
