"""Small runs of all claims, each measured once for all tests, in whichever process they run."""

from __future__ import annotations

import fcntl
import os

import pytest

from simulations.store.results import execute
from simulations.verdict.join import judge
from theory import claims as claims_


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    base, done = tmp_path_factory.getbasetemp(), {}
    # processes of one test run share the folder above their own
    root = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "small-runs"
    root.mkdir(exist_ok=True)

    def get(claim):
        if claim not in done:
            module = claims_.load(claim)
            parameters = module.Parameters(**module.SMALL)
            # who comes second waits, and reads what the first has measured
            with (root / f"{claim}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                result = execute(claim, parameters, root=root, quiet=True)
            done[claim] = judge(result)
        return done[claim]

    return get
