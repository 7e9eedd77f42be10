"""A cluster of two worker processes for all tests of the folder, and MPI's launcher."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

pytest.importorskip("distributed")

from simulations.machines.cluster import connected
from simulations.machines.local import local_cluster


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    os.environ["NUMBA_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"


@pytest.fixture(scope="session")
def cluster(one_thread):
    with local_cluster(2) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def client(cluster):
    with connected(cluster.scheduler_address) as client:
        yield client


@pytest.fixture(scope="session")
def mpiexec():
    """The launcher of the MPI that is installed, of this environment first."""
    pytest.importorskip("mpi4py")
    beside = Path(sys.executable).with_name("mpiexec")
    found = str(beside) if beside.exists() else shutil.which("mpiexec")
    if found is None:
        pytest.skip("no mpiexec here")
    return found
