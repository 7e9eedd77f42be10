"""A triangle mesh as a surface: its triangles, its edges, and what makes it a manifold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from theory.setting.checks import InputError, as_numbers, finite_array
from theory.setting.pickling import WithoutCaches

LEAST_VERTICES = 4  # a tetrahedron
MOST_TRIANGLES = 200_000  # of which the solver and a step of attention take minutes
MOST_EXTENT = 1e60  # of a coordinate: fourth powers stay finite
FLAT = 1e-10  # of the square of its longest edge: a triangle of less area is none


@dataclass(frozen=True, eq=False)
class Mesh(WithoutCaches):
    """A connected surface of triangles, in which each edge has one triangle or two.

    vertices: (n, 3); triangles: (m, 3), places of vertices. Vertices at the same place are one, and
    those of no triangle are left out. name: of what it is, for messages. Raises InputError, one line
    that names what is wrong and the first place of it.
    """

    vertices: np.ndarray
    triangles: np.ndarray
    name: str = "mesh"

    def __post_init__(self):
        x = finite_array(f"{self.name}: vertices", self.vertices, (None, 3))
        t = _whole_numbers(self.name, self.triangles, len(x))
        if len(x) and np.abs(x).max() > MOST_EXTENT:
            raise InputError(
                f"{self.name}: a coordinate is {np.abs(x).max():g}, expected at most {MOST_EXTENT:g}"
            )
        if len(t) > MOST_TRIANGLES:
            raise InputError(
                f"{self.name}: has {len(t)} triangles, expected at most {MOST_TRIANGLES}: "
                "simplify it first"
            )
        x, t = _merged(x, t)
        object.__setattr__(self, "vertices", x)
        object.__setattr__(self, "triangles", t)
        if len(x) < LEAST_VERTICES:
            raise InputError(
                f"{self.name}: has {len(x)} vertices in {len(t)} triangles, expected at least "
                f"{LEAST_VERTICES}"
            )
        self._require_areas()
        self._require_edges()
        self._require_one_piece()

    def __repr__(self):
        return f"<Mesh {self.name}: {len(self.vertices)} vertices, {len(self.triangles)} triangles>"

    # --- what it measures ---

    @cached_property
    def sides(self) -> np.ndarray:
        """Vectors (m, 3, 3) of the side opposite to each corner, in the order of the triangle."""
        p = self.vertices[self.triangles]
        return np.stack([p[:, 2] - p[:, 1], p[:, 0] - p[:, 2], p[:, 1] - p[:, 0]], axis=1)

    @cached_property
    def areas(self) -> np.ndarray:
        """Areas of the triangles, (m,)."""
        return np.linalg.norm(np.cross(self.sides[:, 0], self.sides[:, 1]), axis=1) / 2

    @property
    def area(self) -> float:
        return float(self.areas.sum())

    @property
    def radius(self) -> float:
        """Of the sphere of the same area: the unit of length in which temperatures are given."""
        return float(np.sqrt(self.area / (4 * np.pi)))

    @cached_property
    def edge_length(self) -> float:
        """The mean length of an edge, weighted by the area of its triangles."""
        lengths = np.linalg.norm(self.sides, axis=2).mean(axis=1)
        return float(self.areas @ lengths / self.area)

    @cached_property
    def edges(self) -> tuple[np.ndarray, np.ndarray]:
        """Edges (e, 2), each once, and the number of triangles of each, (e,)."""
        return np.unique(_sides_as_pairs(self.triangles), axis=0, return_counts=True)

    @property
    def boundary_length(self) -> float:
        """Of the edges that have one triangle only; 0 for a closed surface."""
        pairs, counts = self.edges
        ends = self.vertices[pairs[counts == 1]]
        return float(np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1).sum())

    @property
    def boundary_edges(self) -> int:
        return int((self.edges[1] == 1).sum())

    @property
    def euler_characteristic(self) -> int:
        return len(self.vertices) - len(self.edges[0]) + len(self.triangles)

    def normalised(self) -> Mesh:
        """The same surface with its centroid at the origin and the area 4 pi of the unit sphere."""
        centre = self.areas @ self.vertices[self.triangles].mean(axis=1) / self.area
        return Mesh((self.vertices - centre) / self.radius, self.triangles, self.name)

    # --- what it must be ---

    def _require_areas(self):
        longest = (self.sides**2).sum(axis=2).max(axis=1)
        flat = ~(self.areas > FLAT * longest)
        if flat.any():
            raise InputError(
                f"{self.name}: {flat.sum()} of {len(flat)} triangles have no area, the first is "
                f"number {int(np.argmax(flat))}, expected none: clean the mesh first"
            )

    def _require_edges(self):
        pairs, counts = self.edges
        many = counts > 2
        if many.any():
            ends = self.vertices[pairs[np.argmax(many)]]
            first = " and ".join(f"({', '.join(f'{x:g}' for x in end)})" for end in ends)
            raise InputError(
                f"{self.name}: {many.sum()} edges belong to more than two triangles, the first joins "
                f"{first}, expected a manifold"
            )

    def _require_one_piece(self):
        t, n = self.triangles, len(self.vertices)
        pieces, of_vertex = connected_components(_graph(t[:, [0, 1, 2]], t[:, [1, 2, 0]], n))
        if pieces > 1:
            sizes = np.sort(np.bincount(of_vertex))[::-1]
            raise InputError(
                f"{self.name}: is in {pieces} pieces, of {', '.join(map(str, sizes[:4]))}"
                f"{', ...' if pieces > 4 else ''} vertices, expected one: keep one of them"
            )
        if (fans := self._fans()) > n:
            raise InputError(
                f"{self.name}: at {fans - n} places two parts touch in a vertex only, expected a "
                "manifold"
            )

    def _fans(self) -> int:
        """Corners that are joined through edges of their triangles are one: as many as vertices."""
        corners = np.arange(self.triangles.size).reshape(-1, 3)
        ends = np.concatenate([corners[:, [1, 2]], corners[:, [2, 0]], corners[:, [0, 1]]])
        named = self.triangles.ravel()[ends]
        swap = named[:, 0] > named[:, 1]
        ends[swap], named[swap] = ends[swap][:, ::-1], named[swap][:, ::-1]
        order = np.lexsort(named.T)
        same = (named[order][1:] == named[order][:-1]).all(axis=1)
        here, there = ends[order[:-1][same]], ends[order[1:][same]]
        return connected_components(_graph(here, there, corners.size))[0]


def _whole_numbers(name, triangles, n):
    numbers = as_numbers(f"{name}: triangles", triangles, "(any, 3)")
    if numbers.ndim != 2 or numbers.shape[1] != 3:
        raise InputError(f"{name}: triangles: got shape {numbers.shape}, expected (any, 3)")
    if not len(numbers):
        raise InputError(f"{name}: has no triangles, expected a surface")
    good = (numbers >= 0) & (numbers < n) & (numbers == np.round(numbers))
    if not good.all():
        first = int(np.argmax(~good.all(axis=1)))
        raise InputError(
            f"{name}: triangle {first} has the corners {numbers[first].tolist()}, expected whole "
            f"numbers from 0 to {n - 1}"
        )
    return numbers.astype(np.int64)


def _merged(x, t):
    """Vertices that differ and have a triangle, in their order, and the triangles of them."""
    _, first, place = np.unique(x, axis=0, return_index=True, return_inverse=True)
    used, t = np.unique(first[place.ravel()][t], return_inverse=True)
    return np.ascontiguousarray(x[used]), t.reshape(-1, 3)


def _sides_as_pairs(t):
    return np.sort(np.concatenate([t[:, [1, 2]], t[:, [2, 0]], t[:, [0, 1]]]), axis=1)


def _graph(here, there, n):
    here, there = np.ravel(here), np.ravel(there)
    return coo_array((np.ones(len(here)), (here, there)), shape=(n, n))
