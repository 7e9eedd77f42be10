"""Files of tokens that are read and written a shard at a time, and what is said where a library is
missing. What needs Dask or MPI is in tests/optional/cluster."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import numpy as np
import pytest

from simulations.__main__ import cli as simulations_cli
from simulations.__main__ import guarded
from simulations.machines.__main__ import cli
from simulations.machines.cluster import require
from simulations.machines.eigenpairs import leading_eigenpairs
from simulations.machines.files import Rows, check_step, rows, slices, whole_file, write_rows
from simulations.machines.parts import box, modes_of, most_of, read_of
from simulations.machines.step import step_on_cluster
from simulations.store.sources import ROOT
from theory.setting.checks import InputError


def test_rows_are_those_of_the_file(tmp_path):
    x = np.random.default_rng(0).normal(size=(50, 3))
    np.save(tmp_path / "x.npy", x)
    own = Rows(tmp_path / "x.npy", 10, 40)
    assert len(own) == 30 and own.shape == (30, 3)
    assert np.array_equal(own[5:9], x[15:19])
    own[28:30] = np.zeros((2, 3))
    x[38:40] = 0
    assert np.array_equal(rows(tmp_path / "x.npy", 0, 50), x)
    with pytest.raises(InputError, match="got rows"):
        write_rows(tmp_path / "x.npy", 49, np.zeros((2, 3)))
    with pytest.raises(InputError, match="got rows"):
        write_rows(tmp_path / "x.npy", 0, np.zeros((2, 2)))


def test_shards_cover_every_row_once():
    assert slices(10, 4) == [(0, 4), (4, 8), (8, 10)]
    assert slices(1, 4) == [(0, 1)]


def test_a_file_is_whole_or_not_there(tmp_path):
    out = tmp_path / "out.npy"
    with pytest.raises(KeyboardInterrupt):
        with whole_file(out, (5,)) as path:
            write_rows(path, 0, np.ones(3))
            raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
    with whole_file(out, (5,)) as path:
        write_rows(path, 2, np.ones(3))
    assert np.load(out).tolist() == [0, 0, 1, 1, 1]


def test_a_step_does_not_put_its_result_in_place_of_the_points(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("points.npy", np.ones((5, 3)))
    np.save("values.npy", np.ones((5, 2)))
    with pytest.raises(InputError, match="out: got points.npy, the points themselves"):
        check_step("points.npy", "values.npy", "points.npy")
    assert check_step("points.npy", "values.npy", "values.npy") == (5, 2)
    assert check_step("points.npy", "points.npy", "points.npy") == (5, 3)


def test_parts_of_a_step(tmp_path):
    from simulations.attention.sharded import ShardedAttention

    attention = ShardedAttention((-1.0,), (1.0,), 0.1, 1e-6)
    x = np.random.default_rng(1).uniform(-1, 1, (2000, 1))
    h = 5 * np.sin(3 * x[:, 0])
    kernel = np.exp(-((x - x[:, 0]) ** 2) / 0.4)
    modes = modes_of(attention, x, h, None, 5.0)
    exact = kernel @ h / kernel.sum(axis=1)
    assert np.abs(read_of(attention, x, modes, 1, 5.0)[:, 0] - exact).max() < 5e-6
    # a step leaves features beyond their bound by less than the tolerance: no reason to stop
    modes_of(attention, x, np.full(2000, 1 + 5e-7), None, 1.0)
    with pytest.raises(InputError, match="values: the largest is 1.1"):
        modes_of(attention, x, np.full(2000, 1.1), None, 1.0)
    for bad in (np.nan, np.inf):
        with pytest.raises(InputError, match="values: some are not finite"):
            most_of(np.array([1.0, bad]))
        with pytest.raises(InputError, match="points: some are not finite"):
            box(np.array([0.0]), np.array([bad]))
    assert box(np.array([2.0]), np.array([2.0])) == ((2.0,), (5.0,))


class OnePlace:
    """Attention on this machine, with the methods that the iteration asks for."""

    def __init__(self, matrix, degrees):
        from types import SimpleNamespace

        self.matrix, self.weights, self.shape = matrix, degrees, matrix.shape
        self.attention, self.keep = SimpleNamespace(tolerance=1e-12), lambda array: array

    def apply(self, features, largest):
        return self.matrix @ features

    def inner(self, u, v):
        return (self.weights[:, None] * u).T @ v

    def most(self, features):
        return np.abs(features).max(axis=0)

    def random(self, count, seed):
        return np.random.default_rng(seed).standard_normal((len(self.matrix), count))


def test_block_iteration_finds_the_leading_eigenpairs():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(300, 2))
    kernel = np.exp(-((x[:, None] - x) ** 2).sum(axis=2))
    degrees = kernel.sum(axis=1)
    one = OnePlace(kernel / degrees[:, None], degrees)
    exact = np.linalg.eigvalsh(kernel / np.sqrt(degrees[:, None] * degrees))[::-1]
    values, vectors = leading_eigenpairs(one, 5)
    assert np.abs(values - exact[:5]).max() < 1e-12
    assert np.abs(one.matrix @ vectors - vectors * values).max() < 1e-9
    for wrong in (
        {"count": 0},
        {"count": 200},
        {"count": 3, "block": 2},
        {"count": 3, "tolerance": 0},
    ):
        with pytest.raises(InputError):
            leading_eigenpairs(one, **wrong)


def test_a_missing_library_is_one_line(monkeypatch, capsys, tmp_path):
    known = importlib.util.find_spec
    optional = ("distributed", "dask", "mpi4py")
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name in optional else known(name, *a)
    )
    with pytest.raises(InputError, match="distributed: not installed here; `make cluster`"):
        require("distributed", "numpy")
    with pytest.raises(InputError, match="make cluster"):
        step_on_cluster(None, "x.npy", "h.npy", "out.npy", 0.1)
    sweep = ["sweep", "linear_attention", "--n-levels=4", "--n-tokens=200", "--scheduler=tcp://x:1"]
    files = ["--points=x", "--values=x", "--out=x", "--temperature=1"]
    for group, words in (
        (simulations_cli, [*sweep, f"--results={tmp_path / 'r'}"]),
        (cli, ["start"]),
        (cli, ["mpi-step", *files]),
        (cli, ["measure", f"--results={tmp_path / 'r'}"]),
    ):
        assert guarded(group, words, "python -m simulations") == 2
        said = capsys.readouterr().err
        assert "not installed here; `make cluster`" in said and said.count("\n") == 1


def test_the_core_imports_none_of_it():
    code = (
        "import sys, simulations.__main__, simulations.machines.__main__, simulations.sweeps.run\n"
        "import figures.sweep, simulations.verdict.sweep, simulations.machines.dask_attention\n"
        "import simulations.machines.mpi_attention, simulations.machines.measure\n"
        "print({'dask', 'distributed', 'mpi4py', 'pyarrow', 'pandas'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--points=none.npy", "--values=none.npy", "--out=o.npy"], "none.npy: "),
        (["--points={x}", "--values={h}", "--out={folder}"], "which is a folder"),
        (["--points={x}", "--values={short}", "--out={folder}/o.npy"], "--values: got 8 in"),
    ],
)
def test_bad_files_are_one_line(tmp_path, capsys, words, message):
    names = {"folder": tmp_path} | {n: tmp_path / f"{n}.npy" for n in ("x", "h", "short")}
    for name, shape in (("x", (9, 3)), ("h", (9,)), ("short", (8,))):
        np.save(names[name], np.ones(shape))
    words = [word.format(**names) for word in words]
    assert guarded(cli, ["step", *words, "--temperature=0.1"], "machines") == 2
    said = capsys.readouterr().err
    assert message in said and said.count("\n") == 1
