"""One step of attention of tokens in files, on a cluster or by MPI: A H is written to a file."""

from __future__ import annotations

from pathlib import Path

from simulations.attention.sharded import SHARD, opened
from simulations.machines.cluster import require
from simulations.machines.files import Rows, check_step, dask_array, unfinished_of, whole_file
from theory.setting.checks import InputError


def step_on_cluster(
    client, points, values, out, temperature: float, tolerance: float = 1e-6, shard: int = SHARD
) -> None:
    """As `simulations.attention.sharded.step_of_files`, by the workers of a cluster, all of which
    see the files under the same paths."""
    require("distributed", "dask")
    from simulations.machines.dask_attention import DaskAttention

    shape = check_step(points, values, out)
    attention = DaskAttention(client, dask_array(points, shard), temperature, tolerance)
    result = attention.apply(dask_array(values, shard))
    with whole_file(out, shape) as unfinished:
        attention.write(result, unfinished)


def step_by_mpi(
    comm, points, values, out, temperature: float, tolerance: float = 1e-6, shard: int = SHARD
) -> None:
    """The same by the processes of an MPI communicator; rows are dealt out in order."""
    require("mpi4py")
    from simulations.machines.mpi_attention import MPIAttention, together

    shape = together(comm, lambda: check_step(points, values, out))
    if shape[0] < comm.size:
        raise InputError(f"points: got {shape[0]} for {comm.size} processes, expected one each")
    start, stop = (len(opened(points)) * k // comm.size for k in (comm.rank, comm.rank + 1))
    own = MPIAttention(comm, Rows(Path(points), start, stop), temperature, tolerance, shard=shard)
    unfinished = unfinished_of(out)

    def work():
        comm.barrier()  # the file is there
        own.apply(Rows(Path(values), start, stop), out=Rows(unfinished, start, stop))
        comm.barrier()  # all rows are

    if comm.rank:
        return work()
    with whole_file(out, shape):
        work()
