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

MOVED = 0.1  # by which the dimension may vary, and the most weight of a token in its own average
SHORTEST = 4  # temperatures of a flat run: fewer are an extremum of a curve that bends
LEAST = 0.5  # of a dimension: what is less is the space between clusters
MOST_DENSE = 5000  # tokens of the estimates from nearest neighbours
MOST_DIMENSION = 1e6  # beyond it an estimate is the rounding of neighbours that are equally far


@dataclass(frozen=True)
class Plateau:
    """with_own, others: dimensions (t,), with and without a token's pair with itself; intervals: of
    the second. published: the place of the maximum of the first. flat: the places of the run on
    which the second is constant, or None. low, chosen, high: the ends of the plateau, the part of it
    on which tokens see others, and its middle; None where there is none."""

    with_own: np.ndarray
    others: np.ndarray
    intervals: tuple[Interval, ...]
    published: int
    flat: tuple[int, int] | None
    low: int | None
    chosen: int | None
    high: int | None

    @property
    def dimension(self) -> Interval | None:
        """In the middle of the flat run."""
        return None if self.flat is None else self.intervals[sum(self.flat) // 2]


def plateau_of(sums: Sums) -> Plateau:
    """The longest run of temperatures on which the dimension varies by at most MOVED of itself, and
    the part of it on which a token has at most the weight MOVED in its own average, by which the
    clock is slowed.

    Of the published choice the pairs of a token with itself are part: they press the slope down
    where neighbours are few, so that its maximum lies at the warm end, and where a manifold is
    curved, beyond it.
    """
    k, q = sums.kernel.sum(axis=(1, 2)), sums.squares.sum(axis=(1, 2))
    with_own, others = 2 * q / (sums.n + k), 2 * _ratio(q, k)
    intervals = tuple(dimension_interval(sums, t) for t in range(len(k)))
    flat, ends = longest_run(others), (None, None, None)
    if flat is not None:
        inside = np.arange(flat[0], flat[1] + 1)
        seen = inside[sums.own[inside] <= MOVED]
        if len(seen):
            ends = (int(seen[0]), int(seen[len(seen) // 2]), int(seen[-1]))
    return Plateau(with_own, others, intervals, int(np.argmax(with_own)), flat, *ends)


def longest_run(values) -> tuple[int, int] | None:
    """Ends of the longest run of at least SHORTEST places on which values are at least LEAST and
    vary by at most MOVED; None where there is none."""
    best = None
    for low in range(len(values)):
        high = low
        while high < len(values) and _flat(values[low : high + 1]):
            high += 1
        if high - low >= (SHORTEST if best is None else best[1] - best[0] + 2):
            best = (low, high - 1)
    return best


def _flat(values):
    return values.min() >= LEAST and values.max() <= (1 + MOVED) * values.min()


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


def nearest_dimensions(points) -> dict[str, Interval | None]:
    """The estimates from nearest neighbours, which know no temperature, by their names; None where
    neighbours are equally far, as on a grid.

    Intervals are Student's over GROUPS groups of tokens, each with its neighbours among all.
    """
    x = points[:MOST_DENSE]
    near = neighbour_distances(x, min(NEIGHBOURS, len(x) - 1))
    groups = np.array_split(near, min(GROUPS, len(x) // 10))
    estimates = {"two nearest": two_nearest, "maximum likelihood": maximum_likelihood}
    return {name: _interval_over(groups, estimate) for name, estimate in estimates.items()}


def _interval_over(groups, estimate):
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.array([estimate(group) for group in groups])
    return mean_interval(values) if (values < MOST_DIMENSION).all() else None
