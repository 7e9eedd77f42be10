"""The plateau of temperatures: where the kernel sum grows like a power, and which one is chosen.

S(eps) = sum_ij exp(-r_ij^2/(4 eps)) is proportional to eps^(d/2) where the kernel is wide enough to
see neighbours and narrow enough to see a flat space (Coifman, Shkolnisky, Sigworth, Singer 2008):
2 d log S/d log eps is the dimension there, and its maximum chooses the temperature (Berry and Harlim
2016). Without the pairs of a token with itself the sum is unbiased at every N, and its plateau ends
below in noise, not in zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.heads.dimension import (
    NEIGHBOURS,
    maximum_likelihood,
    neighbour_distances,
    two_nearest,
)
from simulations.points.sums import GROUPS, Sums
from simulations.statistics.intervals import Interval, mean_interval

MOVED = (
    0.1  # by which the dimension may vary on a plateau, and the most weight of a token in its own
)
SHORTEST = 4  # temperatures of a plateau: fewer are an extremum of a curve that bends
MOST_DENSE = 5000  # tokens of the estimates from nearest neighbours


@dataclass(frozen=True)
class Plateau:
    """with_own, others: dimensions (t,), with and without a token's pair with itself; intervals: of
    the second. published: the place of the maximum of the first. low, chosen, high: places of the
    ends of the plateau and of its middle, None where there is none."""

    with_own: np.ndarray
    others: np.ndarray
    intervals: tuple[Interval, ...]
    published: int
    low: int | None
    chosen: int | None
    high: int | None

    @property
    def dimension(self) -> Interval:
        """At the chosen temperature; where there is none, at the published one."""
        return self.intervals[self.published if self.chosen is None else self.chosen]


def plateau_of(sums: Sums) -> Plateau:
    """The longest run of temperatures on which the dimension varies by at most MOVED of itself and a
    token has at most the weight MOVED in its own average, which slows the clock by that share.

    Of the published choice the pairs of a token with itself are part: they press the slope down
    where neighbours are few, so that its maximum lies at the warm end, and where a manifold is
    curved, beyond it.
    """
    k, q = sums.kernel.sum(axis=(1, 2)), sums.squares.sum(axis=(1, 2))
    with_own, others = 2 * q / (sums.n + k), 2 * _ratio(q, k)
    intervals = tuple(dimension_interval(sums, t) for t in range(len(k)))
    low, high = longest_run(others, sums.own <= MOVED)
    chosen = None if low is None else (low + high) // 2
    return Plateau(with_own, others, intervals, int(np.argmax(with_own)), low, chosen, high)


def longest_run(values, allowed) -> tuple[int | None, int | None]:
    """Ends of the longest run of allowed places on which values > 0 vary by at most MOVED."""
    best = (None, None)
    for low in range(len(values)):
        high = low
        while (
            high < len(values)
            and allowed[high]
            and values[low : high + 1].max() <= (1 + MOVED) * values[low : high + 1].min()
        ):
            high += 1
        if high - low >= max(SHORTEST, 0 if best[0] is None else best[1] - best[0] + 2):
            best = (low, high - 1)
    return best


def _ratio(q, k):
    return np.divide(q, k, out=np.zeros_like(q), where=k > 0)


def dimension_interval(sums: Sums, t: int) -> Interval:
    """2 d log S/d log eps over pairs, with Student's interval of the jackknife over groups.

    A group is left out with all pairs that it has: sums over pairs vary twice as much as those of
    their rows.
    """
    k, q = sums.kernel[t], sums.squares[t]
    without = [2 * _ratio(_left(q, g), _left(k, g)) for g in range(GROUPS)]
    whole = 2 * _ratio(q.sum(keepdims=True)[0], k.sum(keepdims=True)[0])
    pseudo_values = GROUPS * whole - (GROUPS - 1) * np.array(without)
    return mean_interval(pseudo_values.ravel())


def _left(a, g):
    """The sum over pairs without a group, (1,)."""
    return np.array([a.sum() - a[g].sum() - a[:, g].sum() + a[g, g]])


def nearest_dimensions(points) -> dict[str, Interval]:
    """The estimates from nearest neighbours, which know no temperature, by their names.

    Intervals are Student's over GROUPS groups of tokens, each with its neighbours among all.
    """
    x = points[:MOST_DENSE]
    near = neighbour_distances(x, min(NEIGHBOURS, len(x) - 1))
    groups = np.array_split(near, min(GROUPS, len(x) // 10))
    estimates = {"two nearest": two_nearest, "maximum likelihood": maximum_likelihood}
    return {
        name: mean_interval(np.array([estimate(group) for group in groups]))
        for name, estimate in estimates.items()
    }
