"""A cluster on this machine: a scheduler and a few workers, on the loopback interface."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from simulations.machines.cluster import require
from theory.setting.checks import InputError, count, whole

MOST_WORKERS = 64
FIRST_PORT, LAST_PORT = 1024, 65535


@contextmanager
def local_cluster(workers: int = 2, port: int = 0, memory: int | None = None) -> Iterator:
    """A LocalCluster of worker processes with one task at a time each and their share of the cores.

    port: of the scheduler, 0 for any. memory: bytes that a worker may use, beyond which it is ended;
    by default its share. Raises InputError where the port is taken.
    """
    require("distributed")
    from distributed import LocalCluster

    count("workers", workers, 1, MOST_WORKERS)
    if whole("port", port, 0) and not FIRST_PORT <= port <= LAST_PORT:
        raise InputError(f"port: got {port}, expected 0 or {FIRST_PORT} to {LAST_PORT}")
    threads = str(max(1, (os.cpu_count() or 1) // workers))
    try:
        cluster = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            scheduler_port=port,
            # its pages too on the loopback interface, at any port
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            memory_limit="auto" if memory is None else memory,
            env={"NUMBA_NUM_THREADS": os.environ.get("NUMBA_NUM_THREADS", threads)},
        )
    except (OSError, RuntimeError) as error:
        raise InputError(f"port: got {port}, where no scheduler can start ({error})") from None
    try:
        yield cluster
    finally:
        cluster.close()
