"""What the studies of a finite sample share: many samples at once, and how several intervals become one."""

from __future__ import annotations

import numpy as np

from simulations.tokens.sampling import Tokens, iid_tokens
from simulations.verdict import Interval

SPHERES = {1: "circle", 2: "sphere", 3: "sphere3"}


def samples(p, n, repeats, rng, at_once: int = 2_000_000):
    """`repeats` independent samples of n i.i.d. tokens, as Tokens, drawn many at a time."""
    group = max(1, at_once // n)
    for start in range(0, repeats, group):
        count = min(group, repeats - start)
        drawn = iid_tokens(p, n * count, rng)
        for k in range(count):
            part = slice(k * n, (k + 1) * n)
            yield Tokens(p.manifold, drawn.coordinates[part], drawn.points[part])


def farthest(intervals, predicted) -> Interval:
    """The interval that is farthest from the prediction, measured in its own width."""
    return max(intervals, key=lambda i: abs(i.value - predicted) / (i.high - i.low))


def mean_of_intervals(intervals) -> Interval:
    """Mean of independent intervals, with half-widths added in squares."""
    value = float(np.mean([i.value for i in intervals]))
    half = float(np.sqrt(np.sum([(i.high - i.value) ** 2 for i in intervals])) / len(intervals))
    return Interval(value, value - half, value + half)


def slope(steps, values):
    """Exponent of values (levels,) or (levels, batches) in the steps (levels,)."""
    return np.polyfit(np.log(steps), np.log(values), 1)[0]
