"""A point of a surface that is watched, the line through it, and a mesh of the surface to draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import sympy as sp

from theory.setting.checks import InputError, whole
from theory.setting.densities import Density
from theory.setting.expressions import compile_columns
from theory.setting.manifolds import Manifold

_LOOKED_AT = 48  # points along a closed axis among which the watched one is
_LENGTH_NODES = 2000  # of a length along the line


@dataclass(frozen=True)
class Watched:
    """A point of a surface and the coordinate line through it, along the steeper axis of log p.

    point: (1, d) in the chart; axis: the one that the line follows; line: (n, d) chart points of it;
    lengths: (n,), from the point, growing up the density.
    """

    point: np.ndarray
    axis: int
    line: np.ndarray
    lengths: np.ndarray


def watched(p: Density, count: int) -> Watched:
    """Where log p is steepest along an axis, half way between poles, and `count` points of the line.

    The line ends at a pole, or half way round. Raises InputError on a manifold with walls.
    """
    m, count = p.manifold, whole("count", count, 3)
    if any(axis.kind not in ("periodic", "pole") for axis in m.axes):
        raise InputError(f"manifold: got {m.name}, expected a closed one")
    slopes = compile_columns(m.symbols, [sp.diff(p.log_expression, s) for s in m.symbols])
    u = _candidates(m)
    steepness = slopes(u) / np.sqrt(np.diagonal(m.metric(u), axis1=1, axis2=2))
    place, axis = np.unravel_index(np.argmax(np.abs(steepness)), steepness.shape)
    point, rising = u[place : place + 1], steepness[place, axis] > 0
    ends = _ends(m.axes[axis], point[0, axis])
    inside = np.linspace(*ends, count + 2)[1:-1]
    line = np.repeat(point, count, axis=0)
    line[:, axis] = inside
    lengths = _lengths(m, point, axis, ends, inside)
    return Watched(point, int(axis), line, lengths if rising else -lengths)


def cell_corners(m: Manifold, counts) -> np.ndarray:
    """Corners of equal cells of the chart of a surface: (a + 1, b + 1, 2)."""
    lines = [
        np.linspace(axis.low, axis.low + axis.length, n + 1)
        for axis, n in zip(m.axes, counts, strict=True)
    ]
    return np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1)


def cell_centres(m: Manifold, counts) -> np.ndarray:
    """Centres of the same cells, in C order: (a b, 2)."""
    corners = cell_corners(m, counts)
    return ((corners[:-1, :-1] + corners[1:, 1:]) / 2).reshape(-1, m.dim)


def _candidates(m):
    """All round every closed axis, and half way between the poles of the others."""
    lines = [
        axis.low + axis.length * np.arange(_LOOKED_AT) / _LOOKED_AT
        if axis.kind == "periodic"
        else np.array([axis.low + axis.length / 2])
        for axis in m.axes
    ]
    return np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, m.dim)


def _ends(axis, middle):
    if axis.kind == "periodic":
        return middle - axis.length / 2, middle + axis.length / 2
    return axis.low, axis.low + axis.length


def _lengths(m, point, axis, ends, inside):
    """Lengths along the axis from the point to the places `inside`, by the trapezoidal rule."""
    fine = np.repeat(point, _LENGTH_NODES + 1, axis=0)
    fine[:, axis] = np.linspace(*ends, _LENGTH_NODES + 1)
    speed = np.sqrt(m.metric(fine)[:, axis, axis])
    steps = np.diff(fine[:, axis]) * (speed[1:] + speed[:-1]) / 2
    total = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.interp([*inside, point[0, axis]], fine[:, axis], total)
    return at[:-1] - at[-1]
