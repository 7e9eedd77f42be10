"""A mesh is a manifold or is refused in a line; those of built-in surfaces lie on them."""

from __future__ import annotations

import numpy as np
import pytest

from theory.setting.checks import InputError
from theory.setting.manifolds import manifold
from theory.setting.meshes.mesh import Mesh
from theory.setting.meshes.surfaces import mesh_of

CORNERS = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]], dtype=float)
FACES = np.array([[0, 1, 2], [0, 3, 1], [0, 2, 3], [1, 3, 2]])


def test_a_tetrahedron():
    m = Mesh(CORNERS, FACES)
    assert m.area == pytest.approx(4 * np.sqrt(3) / 4 * 8)
    assert m.edge_length == pytest.approx(np.sqrt(8))
    assert (m.euler_characteristic, m.boundary_edges, m.boundary_length) == (2, 0, 0)
    assert Mesh(3 * CORNERS + 7, FACES).normalised().area == pytest.approx(4 * np.pi)


def test_a_hole_is_told():
    m = Mesh(CORNERS, FACES[:3])
    assert m.boundary_edges == 3 and m.boundary_length == pytest.approx(3 * np.sqrt(8))


def test_the_same_place_twice_is_one_vertex():
    # a file that lists the corners of every triangle anew, and a vertex of none
    x = np.concatenate([CORNERS[FACES].reshape(-1, 3), [[9, 9, 9]]])
    m = Mesh(x, np.arange(12).reshape(-1, 3))
    assert len(m.vertices) == 4 and m.boundary_edges == 0
    assert m.area == pytest.approx(Mesh(CORNERS, FACES).area)


def nan_vertex():
    x = CORNERS.copy()
    x[2, 1] = np.nan
    return x, FACES


REFUSED = {
    "not finite": nan_vertex,
    "no triangles": lambda: (CORNERS, np.zeros((0, 3), dtype=int)),
    "expected (any, 3)": lambda: (CORNERS, np.array([[0, 1, 2, 3]])),
    "expected whole numbers from 0 to 3": lambda: (CORNERS, np.array([[0, 1, 4]])),
    "the corners [0.0, 1.0, -1.0]": lambda: (CORNERS, np.array([[0, 1, -1]])),
    "1 of 4 triangles have no area, the first is number 3": lambda: (
        CORNERS, np.vstack([FACES[:3], [[1, 1, 2]]])
    ),
    "2 of 6 triangles have no area": lambda: (
        np.vstack([CORNERS, [[0, 0, -1.0], [1, -1, -1 + 1e-14]]]),
        np.vstack([FACES[:3], [[1, 3, 2]], [[1, 5, 4]], [[1, 4, 5]]]),
    ),
    "belong to more than two triangles": lambda: (
        np.vstack([CORNERS, [[0, 0, 5]]]), np.vstack([FACES, [[0, 1, 4]]])
    ),
    "is in 2 pieces, of 4, 4 vertices": lambda: (
        np.vstack([CORNERS, CORNERS + 9]), np.vstack([FACES, FACES + 4])
    ),
    "at 1 places two parts touch": lambda: (
        np.vstack([CORNERS, 2 - CORNERS[1:]]), np.vstack([FACES, np.array([0, 4, 5, 6])[FACES]])
    ),
    "expected at most 1e+60": lambda: (CORNERS * 1e70, FACES),
    "has 3 vertices": lambda: (CORNERS[:3], FACES[:1]),
}  # fmt: skip


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_no_manifold_is_refused_in_a_line(words):
    with pytest.raises(InputError) as refused:
        Mesh(*REFUSED[words]())
    assert words in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("surface", "chi", "area"),
    [
        ("sphere", 2, 4 * np.pi),
        ("torus", 0, 8 * np.pi**2),
        ("(cos(u)*(3+cos(v)), sin(u)*(3+cos(v)), sin(v)/2)", 0, None),
    ],
)
def test_meshes_of_surfaces_are_closed_and_their_area_is_of_order_two(surface, chi, area):
    coarse, fine = mesh_of(surface, 24), mesh_of(surface, 48)
    for m in (coarse, fine):
        assert m.euler_characteristic == chi and m.boundary_edges == 0
    if area:
        ratio = (area - coarse.area) / (area - fine.area)
        assert 3.6 < ratio < 4.4
    # triangles are turned outward: the volume by the divergence theorem is positive
    p = fine.vertices[fine.triangles]
    assert np.einsum("mi,mi->", p[:, 0], np.cross(p[:, 1], p[:, 2])) > 0


def test_vertices_of_a_torus_lie_on_it():
    x, y, z = mesh_of("torus", 30).vertices.T
    r = np.hypot(x, y)
    radius = float(np.hypot(*manifold("torus").embed(np.zeros((1, 2)))[0, :2])) - 1
    assert np.abs((r - radius) ** 2 + z**2 - 1).max() < 1e-12


@pytest.mark.parametrize("surface", ["circle", "sphere3", "flat_torus(dim=2)", "nonsense", "line"])
def test_what_is_no_closed_surface_in_space_has_no_mesh(surface):
    with pytest.raises(InputError, match="mesh"):
        mesh_of(surface, 24)


@pytest.mark.parametrize("n", [0, 5, 10**6, 10**12, 2.5])
def test_cells_out_of_reach_are_refused(n):
    with pytest.raises(InputError, match="n_cells"):
        mesh_of("torus", n)
