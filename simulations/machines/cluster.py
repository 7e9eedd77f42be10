"""A Dask cluster, by the address of its scheduler."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager

from theory.setting.checks import InputError, shown

PATIENCE = 15  # seconds that a scheduler has to answer, and a first worker to be there


def require(*modules: str) -> None:
    """Raise InputError, which says what installs them, where libraries are missing."""
    missing = [m for m in modules if importlib.util.find_spec(m) is None]
    if missing:
        raise InputError(
            f"{', '.join(missing)}: not installed here; `make cluster` installs what a "
            "cluster needs, and starts one"
        )


@contextmanager
def connected(address: str) -> Iterator:
    """A client of the cluster whose scheduler has this address, such as tcp://127.0.0.1:8786.

    Raises InputError where nobody answers, or where there is no worker.
    """
    require("distributed")
    from distributed import Client

    if not isinstance(address, str) or not address.strip():
        raise InputError(
            f"scheduler: got {shown(address)}, expected an address such as tcp://127.0.0.1:8786"
        )
    try:
        client = Client(address, timeout=PATIENCE)
    except (OSError, ValueError, TypeError, KeyError, RuntimeError) as error:
        raise InputError(
            f"scheduler: got {shown(address)}, where no scheduler answers "
            f"({type(error).__name__}); `make cluster` starts one at tcp://127.0.0.1:8786"
        ) from None
    try:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise InputError(
                f"scheduler: {address} has no workers, expected at least one"
            ) from None
        yield client
    finally:
        client.close()


@contextmanager
def executor_of(client) -> Iterator:
    """The cluster as an executor of concurrent.futures; left early, what waits is dropped."""
    executor = client.get_executor(pure=False)
    try:
        yield executor
    finally:
        executor.shutdown(wait=False)


def lost_worker(error: Exception) -> str:
    """What an error of a cluster says of a task, in a line."""
    from distributed.scheduler import KilledWorker

    if isinstance(error, KilledWorker):
        return "its worker was lost, however often it ran: out of memory?"
    return " ".join(f"{type(error).__name__}: {error}".split())
