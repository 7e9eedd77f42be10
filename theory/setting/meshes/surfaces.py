"""Meshes of surfaces that have a chart: its grid, cut into triangles, closed at poles by fans."""

from __future__ import annotations

import numpy as np

from theory.setting.checks import InputError, fits, whole
from theory.setting.manifolds import Manifold, manifold
from theory.setting.meshes.mesh import MOST_TRIANGLES, Mesh

BYTES = 1000  # of a vertex


def mesh_of(surface: str | Manifold, n_cells: int) -> Mesh:
    """The mesh of a closed surface in R^3 with n_cells cells along its longest axis.

    Its vertices lie on the surface: at chart points, a sphere of curvature 1 is missed by n^-2.
    """
    m, n = manifold(surface, "mesh"), whole("n_cells", n_cells, 6)
    kinds = tuple(axis.kind for axis in m.axes)
    if m.ambient_dim != 3 or kinds not in (("periodic", "periodic"), ("pole", "periodic")):
        raise InputError(f"mesh: got {m.name}, expected a closed surface in space")
    fits("n_cells", n, BYTES, n)
    counts = _counts(m, n)
    if 2 * np.prod(counts) > MOST_TRIANGLES:
        raise InputError(f"n_cells: got {n}, expected at most {MOST_TRIANGLES} triangles of them")
    return _outward(_with_poles(m, counts) if kinds[0] == "pole" else _wrapped(m, counts))  # type: ignore[comparison-overlap]


def _counts(m, n):
    """Cells of each axis, as square as their mean lengths allow."""
    lines = [ax.low + ax.length * (np.arange(16) + 0.5) / 16 for ax in m.axes]
    u = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, 2)
    g = m.metric(u)
    lengths = [np.sqrt(g[:, k, k]).mean() * m.axes[k].length for k in range(2)]
    return [max(6, round(n * length / max(lengths))) for length in lengths]


def _lines(m, counts):
    return [ax.low + ax.length * np.arange(n) / n for ax, n in zip(m.axes, counts, strict=True)]


def _grid(m, lines):
    u = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1)
    return m.embed(u.reshape(-1, 2))


def _cells(rows, columns, wrap):
    """Two triangles for each cell of a grid (rows, columns), periodic along its columns."""
    i, j = np.meshgrid(np.arange(rows if wrap else rows - 1), np.arange(columns), indexing="ij")
    down, right = (i + 1) % rows, (j + 1) % columns
    a, b, c, d = (
        (r * columns + s).ravel() for r, s in ((i, j), (down, j), (down, right), (i, right))
    )
    # diagonals in turn: all in one direction would favour it
    even = ((i + j) % 2 == 0).ravel()
    first = np.where(even[:, None], np.stack([a, b, c], 1), np.stack([a, b, d], 1))
    second = np.where(even[:, None], np.stack([a, c, d], 1), np.stack([b, c, d], 1))
    return np.concatenate([first, second])


def _wrapped(m, counts):
    return Mesh(_grid(m, _lines(m, counts)), _cells(*counts, wrap=True), m.name)


def _with_poles(m, counts):
    rows, columns = counts[0] - 1, counts[1]
    along, around = _lines(m, counts)
    poles = m.embed(np.array([[m.axes[0].low, 0.0], [m.axes[0].high, 0.0]]))
    ring, last = np.arange(columns), (rows - 1) * columns
    top, bottom = rows * columns, rows * columns + 1
    following = (ring + 1) % columns
    fans = [
        np.stack([np.full(columns, top), ring, following], 1),
        np.stack([np.full(columns, bottom), last + following, last + ring], 1),
    ]
    cells = _cells(rows, columns, wrap=False)
    x = np.concatenate([_grid(m, [along[1:], around]), poles])
    return Mesh(x, np.concatenate([cells, *fans]), m.name)


def _outward(mesh):
    """The mesh with its triangles turned so that the volume they enclose is positive."""
    p = mesh.vertices[mesh.triangles]
    volume = np.einsum("mi,mi->", p[:, 0], np.cross(p[:, 1], p[:, 2]))
    return mesh if volume > 0 else Mesh(mesh.vertices, mesh.triangles[:, ::-1], mesh.name)
