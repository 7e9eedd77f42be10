"""Meshes in files, read and written by trimesh; the core imports it only when a file is asked for."""

from __future__ import annotations

import hashlib
import io
from functools import lru_cache
from pathlib import Path

import numpy as np

from theory.setting.checks import InputError
from theory.setting.meshes.mesh import Mesh

SUFFIXES = (".obj", ".ply")
MOST_BYTES = 10**9  # of a file


def is_file(name: str) -> bool:
    """Whether a value of the option --mesh names a file, not a built-in surface."""
    return Path(name).suffix.lower() in SUFFIXES or "/" in name


def content(path: str | Path) -> tuple[bytes, str]:
    """The bytes of a file and their SHA-256; raises InputError where it cannot be read."""
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"mesh: got {str(path)!r}, expected a file {' or '.join(SUFFIXES)}")
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"mesh: {path} has more than {MOST_BYTES} bytes, simplify it first")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"mesh: {path} cannot be read ({error.strerror or error})") from None
    return data, hashlib.sha256(data).hexdigest()


def read_mesh(path: str | Path) -> Mesh:
    """The mesh of a file (.obj, .ply), polygons cut into triangles; InputError where there is none."""
    data, digest = content(path)
    return _parsed(data, digest, Path(path).suffix.lower()[1:], Path(path).name)


@lru_cache(maxsize=2)
def _parsed(data, _digest, kind, name):
    trimesh = _trimesh()
    options = {"skip_materials": True} if kind == "obj" else {}
    try:
        found = trimesh.load(
            io.BytesIO(data), file_type=kind, force="mesh", process=False, **options
        )
        vertices, triangles = np.array(found.vertices), np.array(getattr(found, "faces", ()))
    except Exception as error:
        why = " ".join(str(error).split())[:80] or type(error).__name__
        raise InputError(f"mesh: {name} cannot be read as {kind} ({why})") from None
    if triangles.size == 0:
        raise InputError(
            f"mesh: {name} has no triangles, expected a surface; points go to --points"
        )
    return Mesh(vertices, triangles, f"mesh {name}")


def written(mesh: Mesh, path: str | Path) -> bytes:
    """The bytes of a mesh in the format of the path's suffix."""
    kind = Path(path).suffix.lower()
    if kind not in SUFFIXES:
        raise InputError(f"--write: got {str(path)!r}, expected a file {' or '.join(SUFFIXES)}")
    # of PLY trimesh would keep single precision only
    return _ply(mesh) if kind == ".ply" else _obj(mesh)


def _ply(mesh):
    header = (
        "ply\nformat binary_little_endian 1.0\n"
        f"element vertex {len(mesh.vertices)}\n"
        "property double x\nproperty double y\nproperty double z\n"
        f"element face {len(mesh.triangles)}\n"
        "property list uchar int vertex_indices\nend_header\n"
    )
    faces = np.empty(len(mesh.triangles), dtype=[("n", "u1"), ("corners", "<i4", 3)])
    faces["n"], faces["corners"] = 3, mesh.triangles
    return header.encode("ascii") + mesh.vertices.astype("<f8").tobytes() + faces.tobytes()


def _obj(mesh):
    lines = [f"v {x!r} {y!r} {z!r}" for x, y, z in mesh.vertices.tolist()]
    lines += [f"f {a} {b} {c}" for a, b, c in (mesh.triangles + 1).tolist()]
    return ("\n".join(lines) + "\n").encode("ascii")


def _trimesh():
    try:
        import trimesh
    except ImportError:
        raise InputError(
            "mesh: files of meshes need trimesh, not installed here; `make mesh` installs it"
        ) from None
    return trimesh
