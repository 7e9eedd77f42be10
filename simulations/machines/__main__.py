"""Command line: python -m simulations.machines start|step|mpi-step|measure."""

from __future__ import annotations

from simulations import starting

if __name__ == "__main__":
    starting.quietly()

import contextlib
import signal
import sys
import time
from pathlib import Path

import click

from simulations.__main__ import guarded
from simulations.attention.sharded import SHARD
from simulations.machines.cluster import connected, require
from simulations.options import ROOT_OPTION, Group
from simulations.store.folders import check_writable
from theory.setting.checks import InputError
from theory.setting.expressions import read_number

SCHEDULER = click.Option(
    ["--scheduler"], metavar="ADDRESS", help="Of a Dask cluster; by default two workers here."
)
WORKERS = click.Option(["--workers"], type=int, default=2, show_default=True, help="Processes.")
FILE = click.Path(path_type=Path)
STEP_OPTIONS = (
    click.Option(["--points"], type=FILE, required=True, help=".npy of float64, (N, m), m <= 3."),
    click.Option(["--values"], type=FILE, required=True, help=".npy of float64, (N,) or (N, c)."),
    click.Option(["--out"], type=FILE, required=True, help="Where A H is written."),
    click.Option(["--temperature"], type=float, required=True, help="eps of |x - y|^2/(4 eps)."),
    click.Option(["--tolerance"], type=float, default=1e-6, show_default=True),
    click.Option(["--shard"], type=int, default=SHARD, show_default=True, help="Rows at a time."),
)


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
def cli():
    """One attention step over many machines: a Dask cluster, or MPI."""


@cli.command(
    params=[
        WORKERS,
        click.Option(["--port"], type=int, default=8786, show_default=True, help="0: any."),
    ]
)
def start(workers, port):
    """A scheduler and workers on this machine, until Ctrl-C."""
    from simulations.machines.local import local_cluster

    with local_cluster(workers, port) as cluster:
        click.echo(f"{workers} workers, --scheduler {cluster.scheduler_address}; Ctrl-C ends them")
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()


@cli.command(params=[*STEP_OPTIONS, SCHEDULER, WORKERS])
def step(points, values, out, scheduler, workers, **choice):
    """One step of attention of tokens in files, by the workers of a Dask cluster."""
    from simulations.machines.files import check_step
    from simulations.machines.step import step_on_cluster

    check_step(points, values, out)
    begin = time.perf_counter()
    with client_of(scheduler, workers) as client:
        step_on_cluster(client, points, values, out, **choice)
    click.echo(f"written: {out} ({time.perf_counter() - begin:.1f} s)")


@cli.command("mpi-step", params=list(STEP_OPTIONS))
def mpi_step(points, values, out, **choice):
    """The same by MPI: mpiexec -n 2 python -m simulations.machines mpi-step ..."""
    require("mpi4py")
    from mpi4py import MPI

    from simulations.machines.step import step_by_mpi

    comm, begin = MPI.COMM_WORLD, time.perf_counter()
    try:
        step_by_mpi(comm, points, values, out, **choice)
    except InputError:
        # all processes have it, one says it
        if comm.rank:
            return 2
        raise
    except BaseException as error:
        # the others would wait for this one
        text = f"error: process {comm.rank}: {type(error).__name__}: {error}"
        click.echo(text, err=True)
        sys.stderr.flush()
        comm.Abort(2)
    if not comm.rank:
        seconds = time.perf_counter() - begin
        click.echo(f"written: {out} ({comm.size} processes, {seconds:.1f} s)")


@cli.command(
    params=[
        click.Option(["--n-tokens"], default="1e6", show_default=True),
        click.Option(["--shards"], type=int, default=16, show_default=True),
        click.Option(["--temperature"], type=float, default=0.05, show_default=True),
        click.Option(["--tolerance"], type=float, default=1e-6, show_default=True),
        click.Option(
            ["--memory"], default="2e9", show_default=True, help="Bytes of a worker here."
        ),
        click.Option(["--folder"], type=FILE, help="Of the tokens; by default results/machines."),
        SCHEDULER,
        WORKERS,
        ROOT_OPTION,
    ]
)
def measure(n_tokens, shards, temperature, tolerance, memory, folder, scheduler, workers, root):
    """Time, memory and bytes of one step: results/machines.json, a row a size."""
    from simulations.machines.measure import as_text, measured_step, record

    number, most = (
        round(read_number(k, v)) for k, v in (("n_tokens", n_tokens), ("memory", memory))
    )
    folder = root / "machines" if folder is None else folder
    check_writable("results folder", root)
    check_writable("folder", folder)
    with client_of(scheduler, workers, most) as client:
        row = measured_step(client, folder, number, shards, temperature, tolerance)
    record(row, root / "machines.json")
    click.echo(as_text(row))
    click.echo(f"written: {root / 'machines.json'}")


@contextlib.contextmanager
def client_of(scheduler, workers, memory=None):
    """A client of the cluster at an address, or of one that ends with the block."""
    if scheduler is not None:
        with connected(scheduler) as client:
            yield client
        return
    from simulations.machines.local import local_cluster

    with local_cluster(workers, memory=memory) as cluster:
        with connected(cluster.scheduler_address) as client:
            yield client


if __name__ == "__main__":
    sys.exit(guarded(cli, sys.argv[1:], "python -m simulations.machines"))
