"""Meshes in files: trimesh and this suite read the same, and what is none is one line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

trimesh = pytest.importorskip("trimesh")

from simulations.__main__ import cli, guarded  # noqa: E402
from theory.claims import mesh as claim  # noqa: E402
from theory.cotangent import stiffness, vertex_areas  # noqa: E402
from theory.setting.checks import InputError  # noqa: E402
from theory.setting.meshes.files import read_mesh, written  # noqa: E402
from theory.setting.meshes.surfaces import mesh_of  # noqa: E402


def command_line(capsys, *words):
    code = guarded(cli, [str(w) for w in words], "python -m simulations")
    return code, capsys.readouterr()


@pytest.mark.parametrize("suffix", ["ply", "obj"])
def test_what_is_written_is_read_to_the_last_digit(suffix, tmp_path):
    mesh, path = mesh_of("torus", 20), tmp_path / f"torus.{suffix}"
    path.write_bytes(written(mesh, path))
    found = read_mesh(path)
    assert np.array_equal(found.vertices, mesh.vertices)
    assert np.array_equal(found.triangles, mesh.triangles)
    other = trimesh.load(path, force="mesh")
    assert other.is_watertight and other.area == pytest.approx(mesh.area, rel=1e-6)
    assert other.volume > 0 and other.euler_number == mesh.euler_characteristic


@pytest.mark.parametrize("suffix", ["ply", "obj"])
def test_files_of_another_writer_are_read(suffix, tmp_path):
    path, solid = tmp_path / f"ball.{suffix}", trimesh.creation.icosphere(subdivisions=2)
    solid.export(path)
    found = read_mesh(path)
    assert found.boundary_edges == 0 and found.euler_characteristic == 2
    assert found.area == pytest.approx(solid.area, rel=1e-6)


def test_polygons_are_cut_into_triangles(tmp_path):
    path = tmp_path / "cube.obj"
    corners = [(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)]
    faces = [(1, 2, 4, 3), (5, 7, 8, 6), (1, 5, 6, 2), (3, 4, 8, 7), (1, 3, 7, 5), (2, 6, 8, 4)]
    lines = [f"v {x} {y} {z}" for x, y, z in corners] + [
        f"f {a} {b} {c} {d}" for a, b, c, d in faces
    ]
    path.write_text("\n".join(lines))
    found = read_mesh(path)
    assert len(found.triangles) == 12 and found.area == pytest.approx(6)
    assert found.boundary_edges == 0


def test_the_laplacian_is_that_of_another_library():
    robust_laplacian = pytest.importorskip("robust_laplacian")
    mesh = mesh_of("torus", 30)
    # without mollification, on a Delaunay mesh: its cotangents are these
    other, mass = robust_laplacian.mesh_laplacian(mesh.vertices, mesh.triangles, mollify_factor=0.0)
    assert abs(other - stiffness(mesh)).max() < 1e-12
    assert np.abs(mass.diagonal() - vertex_areas(mesh)).max() < 1e-12


BROKEN = {
    "empty.ply": (b"", "cannot be read"),
    "text.ply": (b"hello", "cannot be read"),
    "bytes.obj": (bytes(range(256)), "mesh"),
    "points.ply": (
        b"ply\nformat ascii 1.0\nelement vertex 2\nproperty float x\nproperty float y\n"
        b"property float z\nend_header\n0 0 0\n1 1 1\n",
        "no triangles",
    ),
    "nan.obj": (b"v nan 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 2 3\nf 1 2 4\nf 1 3 4\nf 2 3 4\n", "finite"),
    "one.obj": (b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "expected at least 4"),
    "open.obj": (b"v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 2 3\nf 1 2 4\nf 1 3 4\n", "a boundary"),
    "far.obj": (b"v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 2 9\n", "mesh"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_are_one_line(name, capsys, tmp_path):
    content, words = BROKEN[name]
    (tmp_path / name).write_bytes(content)
    code, streams = command_line(capsys, "mesh", tmp_path / name, "--results", tmp_path / "r")
    assert code == 2 and streams.err.count("\n") == 1 and words in streams.err
    assert not (tmp_path / "r").exists()


def test_missing_files_and_other_kinds_are_one_line(capsys, tmp_path):
    (tmp_path / "x.stl").write_bytes(b"solid")
    for path in (tmp_path / "missing.ply", tmp_path / "x.stl", tmp_path):
        code, streams = command_line(capsys, "mesh", path)
        assert code == 2 and streams.err.count("\n") == 1


def test_a_file_of_another_kind_beside_is_no_misspelt_surface(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.stl").write_bytes(b"solid")
    code, streams = command_line(capsys, "mesh", "x.stl")
    assert (
        code == 2
        and streams.err == "error: mesh: got the file 'x.stl', expected one .obj or .ply\n"
    )


def test_what_cannot_be_written_names_what_was_typed(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, streams = command_line(capsys, "mesh", "--write", "torus")
    assert code == 2 and streams.err == "error: --write: got no file, expected one .obj or .ply\n"
    code, streams = command_line(capsys, "mesh", "--write", "nothing", "n.ply")
    assert code == 2 and streams.err.startswith("error: --write: got 'nothing', expected one of")
    code, streams = command_line(capsys, "mesh", "--write", "torus", "n.ply", "--n-cells", 0)
    assert code == 2 and streams.err.startswith("error: --n-cells: got 0")


def test_a_file_that_changed_is_another_run(tmp_path):
    path = tmp_path / "m.ply"
    path.write_bytes(written(mesh_of("torus", 40), path))
    small = claim.Parameters(**(claim.SMALL | {"mesh": str(path)}))
    assert len(small.content) == 64
    path.write_bytes(written(mesh_of("torus", 44), path))
    with pytest.raises(InputError, match="the file is another one"):
        replace(small)
    assert replace(small, content="").content != small.content


def test_the_command_writes_looks_and_runs(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, streams = command_line(capsys, "mesh", "--write", "torus", "t.ply", "--n-cells", 40)
    assert code == 0 and "written: t.ply" in streams.out
    code, streams = command_line(capsys, "mesh", "--write", "torus", "t.ply")
    assert code == 2 and "there already" in streams.err
    code, streams = command_line(capsys, "mesh", "--write", "circle", "c.ply")
    assert code == 2 and not (tmp_path / "c.ply").exists()
    code, streams = command_line(capsys, "mesh", "t.ply", "--facts")
    assert code == 0 and "closed, Euler characteristic 0" in streams.out
    small = ["--time", 0.8, "--n-tokens", 300, "--n-seeds", 3, "--n-steps", 4, "--quiet"]
    code, streams = command_line(capsys, "mesh", "t.ply", *small)
    assert code == 0 and "drift coefficient of A^k H" in streams.out
    # the same file by its configuration is the same run, which is read
    code, streams = command_line(capsys, "mesh", "t.ply", *small[:-1], "--print-config")
    (tmp_path / "run.toml").write_text(streams.out)
    (folder,) = (tmp_path / "results" / "mesh").iterdir()
    before = (folder / "result.json").stat().st_mtime_ns
    code, streams = command_line(capsys, "run", "mesh", "--config", "run.toml", "--quiet")
    assert code == 0 and (folder / "result.json").stat().st_mtime_ns == before
    code, streams = command_line(capsys, "mesh", "--config", "run.toml", "--facts")
    assert code == 0 and "mesh t.ply" in streams.out
