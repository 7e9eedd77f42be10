"""Sums of Gaussians at scattered points in linear time: u_i = sum_j c_j exp(-|x_i - y_j|^2/(4
width)).

The Gaussian is a Fourier series on a box so large that its periodic images are below the accuracy.
One non-uniform FFT takes the sources to modes, the Gaussian's coefficients multiply them, a second
one evaluates at the targets (docs/theory.md, "Engines"). The transforms are those of the library
FINUFFT.
"""

from __future__ import annotations

import math
import warnings

import finufft
import numpy as np

from simulations.attention.engines.costs import nufft_seconds
from simulations.attention.engines.problem import TooLarge
from theory.setting.checks import memory

LARGEST_GRID = 2**27  # points of the oversampled grid
GRID_BYTES = 16  # of each
SMALLEST_ACCURACY = 1e-14
_SORT_BINS = 60_000  # few enough for a radix sort
_BIN = 8  # points of the oversampled grid along the side of a sorting bin


def grid_shape(extent, width: float, accuracy: float) -> tuple[np.ndarray, np.ndarray]:
    """Periods (m,) of the box and odd numbers of modes (m,) for points of the given extent (m,)."""
    digits = -math.log(accuracy / 10)
    period = np.asarray(extent) + math.sqrt(4 * width * (digits + math.log(10)))
    half = np.ceil(math.sqrt(digits / width) * period / (2 * np.pi))
    return period, 2 * half + 1


def reach(width: float, accuracy: float) -> float:
    """Distance from which on a Gaussian is below accuracy/100."""
    return math.sqrt(4 * width * -math.log(accuracy / 100))


class GaussGrid:
    """The modes of exp(-|x - y|^2/(4 width)) on a box from low (m,) to high (m,), m <= 3, and what
    takes points in it to modes and back.

    accuracy: about the largest error of an entry, and the relative error of the Fourier series.
    counts: how many targets and sources to expect, which decides how fine the grid is. Raises
    TooLarge where the grid would not fit.
    """

    def __init__(self, low, high, width: float, accuracy: float, counts, threads: int):
        self.accuracy = accuracy
        self.period, modes = grid_shape(high - low, width, accuracy)
        _, self.oversampling = nufft_seconds(*counts, accuracy, modes, LARGEST_GRID)
        self.grid_points = float(np.prod(modes * self.oversampling))
        most = min(LARGEST_GRID, memory() // GRID_BYTES)
        if self.grid_points > most:
            raise TooLarge(
                f"engine nufft: a grid of {self.grid_points:.2g} points would be needed, more than "
                f"{most:.2g}: "
                "the temperature is too small for the extent of the points; expected engine "
                "'truncated' or 'dense'"
            )
        self.modes = tuple(int(n) for n in modes)
        self.coefficients = [
            np.exp(-width * k**2) * math.sqrt(4 * math.pi * width) / p
            for n, p in zip(self.modes, self.period, strict=True)
            for k in [2 * np.pi / p * np.arange(-(n // 2), n // 2 + 1)]
        ]
        self._middle, self._threads = (low + high) / 2, threads

    def damped(self, modes):
        """Modes (..., *self.modes) times the Gaussian's coefficients, in place."""
        for axis, g in enumerate(self.coefficients):
            modes *= g.reshape((-1,) + (1,) * (len(self.modes) - 1 - axis))
        return modes

    def points(self, x):
        """(order, plan) of points (n, m): a permutation that puts neighbours next to each other,
        and the transform of a vector in that order to modes and (adjoint) back.
        """
        order, plan = self._order(x), self.plan()
        plan.setpts(*self.angles(x[order]))
        return order, plan

    def angles(self, x):
        """Points (n, m) as m arrays of angles on the periodic box."""
        return [2 * np.pi / p * (x[:, k] - self._middle[k]) for k, p in enumerate(self.period)]

    def plan(self):
        """A transform without points."""
        with warnings.catch_warnings():
            # FINUFFT says so where it cannot meet the accuracy; ours is measured
            warnings.simplefilter("ignore")
            return finufft.Plan(
                1,
                self.modes,
                1,
                eps=self.accuracy,
                isign=-1,
                upsampfac=self.oversampling,
                nthreads=self._threads,
                spread_sort=1,
            )

    def entries(self, x, y) -> np.ndarray:
        """The entries (k, m) that the transform gives for a few targets x (k, dim) and sources y
        (m, dim) within the box.
        """
        order, plan = self.points(y)
        one, out = self.plan(), np.empty((len(x), len(y)), dtype=np.complex128)
        for row, point in zip(out, x, strict=True):
            one.setpts(*self.angles(point[None]))
            row[order] = plan.execute_adjoint(
                self.damped(one.execute(np.ones(1, dtype=np.complex128)))
            )
        return out

    def _order(self, x):
        bins = np.maximum(1, np.asarray(self.modes) * self.oversampling // _BIN).astype(np.int64)
        while np.prod(bins) > _SORT_BINS:
            bins = np.maximum(1, bins * 3 // 4)
        number = np.zeros(len(x), dtype=np.uint16)
        for k, count in enumerate(bins):
            place = (x[:, k] - self._middle[k]) / self.period[k] + 0.5
            number = number * np.uint16(count) + (place * count).astype(np.uint16)
        return np.argsort(number, kind="stable")


class GaussTransform:
    """The matrix K_ij = exp(-|x_i - y_j|^2/(4 width)) for targets x (n, m) and sources y (nk, m), m
    <= 3.

    accuracy: as of the `grid`, a `GaussGrid`. `apply` and `adjoint` act on complex vectors in the
    order of the arrays `targets` and `sources`, permutations that put neighbours next to each other
    (memory then is read in order). Results depend on the number of threads by rounding only,
    through the order of sums. Memory: 32 bytes per source and target of an array not shared, and
    the oversampled grid.
    """

    def __init__(self, x, y, width: float, accuracy: float, threads: int):
        low = np.minimum(x.min(axis=0), y.min(axis=0))
        high = np.maximum(x.max(axis=0), y.max(axis=0))
        self.grid = GaussGrid(low, high, width, accuracy, (len(x), len(y)), threads)
        self.sources, self._from = self.grid.points(y)
        self.targets, self._to = (self.sources, self._from) if x is y else self.grid.points(x)

    def apply(self, c) -> np.ndarray:
        """K c of a complex vector c (nk,), in the order of `sources`; returns (n,) in the order of
        `targets`.
        """
        return self._to.execute_adjoint(self.grid.damped(self._from.execute(c)))

    def adjoint(self, c) -> np.ndarray:
        """K^T c of a complex vector c (n,), in the order of `targets`; returns (nk,) in the order
        of `sources`.
        """
        return self._from.execute_adjoint(self.grid.damped(self._to.execute(c)))
