"""Cell-centred grids on a chart, and the interpolation of what lives on them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.ndimage import map_coordinates

from theory.setting.checks import InputError, finite_array, fits, whole, within_range
from theory.setting.densities import Density
from theory.setting.manifolds import Manifold
from theory.setting.pickling import WithoutCaches

CELL_BYTES = {
    1: 75,
    2: 155,
    3: 260,
}  # of memory, by dimension: the largest while an operator is made
_GHOSTS = 24  # a cubic spline damps an end of the array by 0.27 a cell: 2e-14 after 24


@dataclass(frozen=True)
class Grid(WithoutCaches):
    """Equal cells on the chart of a manifold; no centre lies on a pole or a wall.

    cells: per axis, at least 4; even on an axis that collapses at a pole. support: the range of
    each axis, needed where an axis is infinite (it is then cut there, without flux). Arrays on the
    grid are flat, in C order of `cells`.
    """

    manifold: Manifold
    cells: tuple[int, ...]
    support: tuple[tuple[float, float], ...] | None = None

    def __post_init__(self):
        m = self.manifold
        if len(self.cells) != m.dim:
            raise InputError(
                f"cells: got {self.cells}, expected {m.dim} numbers, one an axis of {m.name}"
            )
        for n in self.cells:
            whole("cells", n, 4)
        fits("cells", math.prod(self.cells), CELL_BYTES[m.dim], self.cells)
        object.__setattr__(
            self, "support", tuple(self.support or ((a.low, a.high) for a in m.axes))
        )
        if not np.isfinite(self.support).all():
            raise InputError(f"support: got {self.support} on {m.name}, expected finite ranges")
        for axis in m.axes:
            for turn in axis.turns or ():
                if self.cells[turn] % 2:
                    raise InputError(
                        f"cells: got {self.cells[turn]} along {m.axes[turn].symbol}, expected an "
                        "even number: a pole lies across it"
                    )

    @property
    def size(self) -> int:
        return int(np.prod(self.cells))

    @property
    def spacing(self) -> tuple[float, ...]:
        return tuple(
            (high - low) / n for (low, high), n in zip(self.support, self.cells, strict=True)
        )

    @cached_property
    def points(self) -> np.ndarray:
        """Chart coordinates of the cell centres, (size, d)."""
        return self.shifted(None)

    def shifted(self, axis: int | None) -> np.ndarray:
        """Cell centres moved by half a cell up the given axis: the faces there, (size, d)."""
        lines = [
            low + h * (np.arange(n) + (1.0 if k == axis else 0.5))
            for k, ((low, _), h, n) in enumerate(
                zip(self.support, self.spacing, self.cells, strict=True)
            )
        ]
        return np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, self.manifold.dim)

    def neighbours(self, axis: int, direction: int, across_poles: bool = False) -> np.ndarray:
        """Flat index of the neighbour of each cell along `axis` (+1 or -1), shape (size,); -1 where
        there is none.

        Across a pole the neighbour is the same cell half a turn on; it shares no face, so it counts
        on demand only.
        """
        index = np.arange(self.size).reshape(self.cells)
        moved = np.roll(index, -direction, axis)
        kind, turns = self.manifold.axes[axis].kind, self.manifold.axes[axis].turns
        if kind != "periodic":
            end = [slice(None)] * len(self.cells)
            end[axis] = slice(-1, None) if direction > 0 else slice(0, 1)
            if kind == "pole" and across_poles:
                turn = turns[1] if direction > 0 else turns[0]
                moved[tuple(end)] = np.roll(index[tuple(end)], self.cells[turn] // 2, turn)
            else:
                moved[tuple(end)] = -1
        return moved.ravel()

    def sample(self, function) -> np.ndarray:
        """Values of a function u (n, d) -> (n,) at the cell centres, (size,)."""
        name = f"values of the function at chart points {self.points.shape}"
        return finite_array(name, function(self.points), (self.size,))

    def interpolate(self, values, u) -> np.ndarray:
        """Values on the grid, (size,), at chart points u (n, d), by cubic splines; shape (n,).

        Periodic coordinates may be given in any turn; InputError for others beyond their range.
        """
        values = finite_array("values", values, (self.size,)).reshape(self.cells)
        u = self.manifold.check_coordinates(u)
        position = np.empty((self.manifold.dim, len(u)))
        # poles first: their ghosts need the unpadded periodic axis
        for k in sorted(
            range(self.manifold.dim), key=lambda k: self.manifold.axes[k].kind != "pole"
        ):
            axis, ghosts = self.manifold.axes[k], min(_GHOSTS, self.cells[k])
            values = _padded(values, k, axis, ghosts)
            low, high = self.support[k]
            x = u[:, k] - low
            if axis.kind == "periodic":
                x = np.mod(x, high - low)
            else:
                within_range(f"{axis.symbol} on {self.manifold.name}", u[:, k], low, high)
            position[k] = x / self.spacing[k] - 0.5 + ghosts
        return map_coordinates(values, position, order=3, mode="nearest")


def square_cells(density: Density, n: int) -> tuple[int, ...]:
    """Cells per axis, multiples of 4, n in the geometric mean: each axis in proportion to its
    largest length, so that cells are about square.
    """
    m = density.manifold
    lines = [np.linspace(low, high, 19)[1:-1] for low, high in density.support]
    u = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, m.dim)
    largest = np.sqrt(m.metric(u).max(axis=0).diagonal())
    lengths = largest * np.diff(density.support, axis=1)[:, 0]
    relative = lengths / np.exp(np.log(lengths).mean())
    return tuple(max(16, 4 * round(n * r / 4)) for r in relative)


def _padded(values, k, axis, ghosts):
    if axis.kind == "pole":
        low, high = (np.flip(np.take(values, r, k), k) for r in (range(ghosts), range(-ghosts, 0)))
        low, high = (
            np.roll(part, values.shape[t] // 2, t)
            for part, t in zip((low, high), axis.turns, strict=True)
        )
        return np.concatenate([low, values, high], axis=k)
    width = [(ghosts, ghosts) if j == k else (0, 0) for j in range(values.ndim)]
    return np.pad(values, width, mode="wrap" if axis.kind == "periodic" else "symmetric")
