"""A mesh of the user: what it is in a few lines, and the writer of built-in surfaces."""

from __future__ import annotations

from pathlib import Path

from simulations.store.files import atomically
from theory.setting.checks import InputError
from theory.setting.meshes.files import is_file, read_mesh, written
from theory.setting.meshes.surfaces import mesh_of

WALL = (
    "with a boundary: at a wall (A - I)H/eps grows like eps^(-1/2), A^k H tends to the solution "
    "without flux with order 1/2 (claim broken_assumptions); the claim mesh needs a closed surface"
)


def lines(name: str, n_cells: int) -> list[str]:
    """What a mesh is: its size, topology and unit of length. Raises InputError for what is none."""
    if not is_file(name) and Path(name).is_file():
        raise InputError(f"mesh: got the file {name!r}, expected one .obj or .ply")
    mesh = read_mesh(name) if is_file(name) else mesh_of(name, n_cells)
    closed = mesh.boundary_edges == 0
    # of a surface with two sides; of one with one side 2 - chi is its number of cross-caps
    kind = f"closed, Euler characteristic {mesh.euler_characteristic}" if closed else WALL
    edge = mesh.edge_length / mesh.radius
    return [
        f"{mesh.name}: {len(mesh.vertices):,} vertices, {len(mesh.triangles):,} triangles, {kind}",
        f"area {mesh.area:.6g}; unit of length {mesh.radius:.6g}, the radius of the sphere of that "
        "area: temperatures and times are in its square",
        f"edges {edge:.3g} of it: kernels are resolved from the temperature {edge**2:.2g} on",
    ]


def write(surface: str, n_cells: int, path: str | None) -> str:
    """Write a built-in surface to a new file, whole or not at all; returns a line about it."""
    if path is None or not is_file(path):
        given = "no file" if path is None else f"the file {path!r}"
        raise InputError(f"--write: got {given}, expected one .obj or .ply")
    try:
        mesh, target = mesh_of(surface, n_cells), Path(path)
    except InputError as refused:
        # the surface is the value of this option
        raise InputError(str(refused).replace("mesh: ", "--write: ", 1)) from None
    data = written(mesh, target)
    if target.exists():
        raise InputError(f"--write: {path} is there already, expected a new file")
    atomically(target, lambda handle: handle.write(data))
    return f"written: {path} ({len(mesh.vertices):,} vertices, {len(mesh.triangles):,} triangles)"
