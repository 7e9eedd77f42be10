"""A step over workers is the step of one machine, whatever the shards; between workers go the modes,
once each way, however many tokens and shards there are."""

from __future__ import annotations

import json
import subprocess
import sys

import dask.array as da
import numpy as np
import pytest
from distributed import futures_of, wait
from scipy.linalg import eigvalsh

from simulations.attention import AttentionOperator
from simulations.attention.sharded import ShardedAttention
from simulations.machines.dask_attention import DaskAttention
from simulations.machines.eigenpairs import leading_eigenpairs
from simulations.machines.measure import measured_step
from simulations.machines.step import step_on_cluster
from simulations.store.sources import ROOT
from theory.setting.checks import InputError
from theory.setting.pseudo_metrics import squared_distance

EPS, TOLERANCE = 0.05, 1e-6


def sphere(n, seed=0):
    x = np.random.default_rng(seed).normal(size=(n, 3))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def dense(x):
    """A and the degrees by their definition, in plain NumPy."""
    kernel = np.exp(-((x[:, None] - x) ** 2).sum(axis=2) / (4 * EPS))
    return kernel / kernel.sum(axis=1, keepdims=True), kernel.sum(axis=1)


def in_shards(array, sizes):
    return da.from_array(array, chunks=(sizes, *array.shape[1:]))


def sent(client):
    found = client.run(lambda dask_worker: dask_worker.transfer_outgoing_bytes_total)
    return sum(found.values())


@pytest.mark.parametrize("sizes", [(4000,), (1, 3999), (2000, 1500, 500), (250,) * 16])
@pytest.mark.parametrize("columns", [None, 1, 4])
def test_a_step_is_that_of_one_machine(client, sizes, columns):
    x, rng = sphere(4000), np.random.default_rng(3)
    h = 7e3 * rng.uniform(-1, 1, 4000 if columns is None else (4000, columns))
    attention = DaskAttention(client, in_shards(x, sizes), EPS, TOLERANCE)
    found = attention.apply(in_shards(h, sizes))
    assert found.chunks[0] == sizes and found.shape == h.shape
    exact = AttentionOperator(x, squared_distance(), EPS, engine="dense") @ h
    assert np.abs(found.compute() - exact).max() < 7e3 * TOLERANCE


def test_steps_follow_each_other_without_being_held(client):
    x, h = sphere(4000), sphere(4000)[:, 2]
    attention = DaskAttention(client, in_shards(x, (1000,) * 4), EPS, TOLERANCE)
    state = in_shards(h, (1000,) * 4)
    for _ in range(3):
        state = attention.apply(state, 1.0)
    a, _ = dense(x)
    assert np.abs(state.compute() - a @ (a @ (a @ h))).max() < 3 * TOLERANCE
    ones = attention.apply(attention.apply(in_shards(np.ones(4000), (1000,) * 4)), 1.0)
    assert np.abs(ones.compute() - 1).max() < 2 * TOLERANCE


def moved(client, n, shards, held):
    """Bytes between workers in one step whose result stays where it is read."""
    x, sizes = sphere(n), (n // shards,) * shards
    attention = DaskAttention(client, in_shards(x, sizes), EPS, TOLERANCE, ((-1,) * 3, (1,) * 3))
    points, features = in_shards(x, sizes), in_shards(x[:, :1], sizes)
    if held:
        points, features = attention.keep(points), attention.keep(features)
        attention = DaskAttention(client, points, EPS, TOLERANCE, ((-1,) * 3, (1,) * 3))
        assert len(set(attention.places)) == 2
    before = sent(client)
    wait(futures_of(attention.keep(attention.apply(features, 1.0))))
    return sent(client) - before, 16 * np.prod(attention.attention.grid.modes)


@pytest.mark.parametrize("held", [False, True])
def test_bytes_depend_neither_on_tokens_nor_on_shards(client, held):
    totals = {}
    for n, shards in ((4000, 2), (4000, 16), (32_000, 16)):
        totals[n, shards], modes = moved(client, n, shards, held)
        # one sum goes to the other worker, and the sum of both comes back
        assert totals[n, shards] < 2.2 * modes + 50_000
    assert max(totals.values()) - min(totals.values()) < 0.2 * modes


@pytest.mark.parametrize("n_shards", [1, 5])
def test_files_are_stepped_by_the_workers(client, tmp_path, n_shards):
    x = sphere(5000)
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "h.npy", x[:, :2])
    out = tmp_path / "out.npy"
    step_on_cluster(
        client, tmp_path / "x.npy", tmp_path / "h.npy", out, EPS, TOLERANCE, 5000 // n_shards
    )
    assert np.abs(np.load(out) - dense(x)[0] @ x[:, :2]).max() < TOLERANCE
    assert sorted(p.name for p in tmp_path.iterdir()) == ["h.npy", "out.npy", "x.npy"]


def test_what_fails_on_a_worker_is_refused_and_leaves_no_file(client, tmp_path):
    x = sphere(3000)
    np.save(tmp_path / "x.npy", x)
    x[2500, 0] = np.nan
    np.save(tmp_path / "h.npy", x[:, 0])
    with pytest.raises(InputError, match="values: some are not finite"):
        step_on_cluster(
            client, tmp_path / "x.npy", tmp_path / "h.npy", tmp_path / "out.npy", 0.01, 1e-6, 1000
        )
    assert sorted(p.name for p in tmp_path.iterdir()) == ["h.npy", "x.npy"]


def test_leading_eigenpairs_are_those_of_the_matrix(client):
    x = sphere(3000)
    a, degrees = dense(x)
    exact = eigvalsh(np.sqrt(degrees)[:, None] * a / np.sqrt(degrees))[::-1]
    attention = DaskAttention(client, in_shards(x, (1000,) * 3), EPS, TOLERANCE)
    values, vectors = leading_eigenpairs(attention, 4, block=9)
    v = vectors.compute()
    # of a residual of 1e-5 an eigenvalue has about the square
    assert np.abs(values - exact[:4]).max() < 1e-8
    assert np.abs(a @ v - v * values).max() < 1e-5 * np.abs(v).max() * 10
    assert np.allclose(v.T @ (degrees[:, None] * v), np.eye(4), atol=1e-8)


def test_a_lost_worker_is_made_up_for(tmp_path):
    from simulations.machines.cluster import connected
    from simulations.machines.local import local_cluster

    x, sizes = sphere(4000), (500,) * 8
    with local_cluster(2) as own, connected(own.scheduler_address) as client:
        attention = DaskAttention(client, in_shards(x, sizes), EPS, TOLERANCE)
        state = attention.keep(attention.apply(in_shards(x[:, 2], sizes), 1.0))
        first = next(iter(own.workers.values()))
        own.sync(first.kill)  # with what it held
        twice = attention.apply(state, 1.0).compute()
    a, _ = dense(x)
    assert np.abs(twice - a @ (a @ x[:, 2])).max() < 2 * TOLERANCE


def test_the_measurement_of_a_step(client, tmp_path):
    row = measured_step(client, tmp_path, 20_000, 4, 0.1, TOLERANCE)
    assert row["error_at_queries"] < TOLERANCE
    assert (row["shards"], row["workers"]) == (4, 2)
    assert 2 * row["bytes_of_modes"] <= row["bytes_moved"] < 2.2 * row["bytes_of_modes"] + 50_000


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda c, x: DaskAttention(c, x, EPS), "points: got ndarray, expected a Dask array"),
        (lambda c, x: DaskAttention(c, da.from_array(x[:, 0]), EPS), "points: got shape"),
        (lambda c, x: DaskAttention(c, da.from_array(x), -1.0), "temperature: got -1"),
        (lambda c, x: DaskAttention(c, da.from_array(x * np.nan), EPS), "points: some are not"),
        (
            lambda c, x: DaskAttention(c, da.from_array(x), EPS).apply(da.ones(90, chunks=45)),
            "values: got shape .* in shards",
        ),
        (
            lambda c, x: DaskAttention(c, da.from_array(x), 0.5).apply(da.ones(90) * np.inf),
            "values: some are not finite",
        ),
        (
            lambda c, x: (
                DaskAttention(c, da.from_array(x), 0.5).apply(2 * da.ones(90), 1.0).compute()
            ),
            "values: the largest is 2",
        ),
        (
            lambda c, x: leading_eigenpairs(DaskAttention(c, da.from_array(x), 0.5), 50),
            "block: got 100 vectors of 90 tokens",
        ),
    ],
)
def test_bad_input_is_refused(client, call, message):
    with pytest.raises(InputError, match=message):
        call(client, sphere(90))


# run by every process of MPI: the reference is the engine of one machine
BY_MPI = """
import json, sys
import numpy as np
from mpi4py import MPI
from simulations.machines.eigenpairs import leading_eigenpairs
from simulations.machines.mpi_attention import MPIAttention
from theory.setting.checks import InputError
comm = MPI.COMM_WORLD
x = np.load(sys.argv[1])
own = slice(len(x) * comm.rank // comm.size, len(x) * (comm.rank + 1) // comm.size)
attention = MPIAttention(comm, x[own], 0.05, shard=700)
found = comm.gather(attention.apply(x[own]))
values, _ = leading_eigenpairs(attention, 4, block=9)
bad = x[own, 0].copy()
if comm.rank == comm.size - 1:
    bad[0] = np.nan  # one process refuses, and none may wait for it
try:
    attention.apply(bad)
    refused = ""
except InputError as error:
    refused = str(error)
refused = comm.gather(refused)
if comm.rank == 0:
    np.save(sys.argv[2], np.concatenate(found))
    print(json.dumps({"values": values.tolist(), "refused": refused, "size": comm.size}))
"""


def by_mpi(mpiexec, arguments, processes=2):
    command = [mpiexec, "-n", str(processes), sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_mpi_is_the_same_operator(mpiexec, tmp_path):
    x = sphere(3000)
    np.save(tmp_path / "x.npy", x)
    done = by_mpi(mpiexec, ["-c", BY_MPI, tmp_path / "x.npy", tmp_path / "out.npy"])
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    a, degrees = dense(x)
    exact = eigvalsh(np.sqrt(degrees)[:, None] * a / np.sqrt(degrees))[::-1]
    assert said["size"] == 2
    assert np.abs(np.load(tmp_path / "out.npy") - a @ x).max() < TOLERANCE
    assert np.abs(np.array(said["values"]) - exact[:4]).max() < 1e-8
    assert said["refused"] == ["values: some are not finite, expected numbers"] * 2


def test_the_command_of_mpi(mpiexec, tmp_path):
    x = sphere(3001)
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "h.npy", x[:, 1])
    files = [f"--{k}={tmp_path / v}" for k, v in (("points", "x.npy"), ("values", "h.npy"))]
    command = ["-m", "simulations.machines", "mpi-step", *files, f"--out={tmp_path / 'out.npy'}"]
    done = by_mpi(mpiexec, [*command, "--temperature=0.05", "--shard=500"])
    assert done.returncode == 0, done.stderr
    assert np.abs(np.load(tmp_path / "out.npy") - dense(x)[0] @ x[:, 1]).max() < TOLERANCE
    done = by_mpi(mpiexec, [*command, "--temperature=-1"])
    assert done.returncode == 2
    assert done.stderr.count("error: --temperature: got -1") == 1
    assert not list(tmp_path.glob("*.part"))


def test_a_sum_that_forgets_a_worker_is_seen(client):
    """The planted mistake: were a worker's modes lost, the step would be off by far more."""
    x, sizes = sphere(4000), (2000, 2000)
    one = ShardedAttention((-1,) * 3, (1,) * 3, EPS, TOLERANCE)
    half = one.read(x, one.partial_modes(x[:2000], x[:2000, 2]), 1)[:, 0]
    attention = DaskAttention(client, in_shards(x, sizes), EPS, TOLERANCE)
    whole = attention.apply(in_shards(x[:, 2], sizes)).compute()
    assert np.abs(half - whole).max() > 1e3 * TOLERANCE
