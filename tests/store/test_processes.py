"""Real processes: killed at any moment, or two at once, a rerun comes out bit for bit."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from simulations.store import results
from simulations.store.sources import ROOT

CODE = """
import sys, warnings
from types import SimpleNamespace
sys.path.insert(0, {root!r})
sys.path.insert(0, {tests!r})
from simulations.store import results
from claim_of_pieces import Parameters, measure
module = SimpleNamespace(measure=measure, __name__="claim_of_pieces")
results.experiment = lambda name: module
results.sources.digest = lambda name: "0"
results.claims.load = lambda name: SimpleNamespace(Parameters=Parameters)
warnings.simplefilter("always", results.DamagedWarning)
print("ready", flush=True)
results.execute("toy", Parameters(), root={out!r}, quiet=True)
"""

CLAIM = """
import time
from dataclasses import dataclass

import numpy as np

from simulations.statistics.intervals import Interval
from simulations.store.quantities import Measurement, Number, deterministic_field
from theory.claims import option


@dataclass(frozen=True)
class Parameters:
    n_tokens: int = option(400, "Tokens.")
    seed: int = option(1, "Seed.")


def piece(k):
    time.sleep(0.01)
    return {"x": np.random.default_rng([1, k]).standard_normal((400, 4))}


def measure(parameters, run):
    found = [run.remember(f"piece {k}", lambda k=k: piece(k))["x"] for k in range(12)]
    field = deterministic_field(found[:4], np.zeros((400, 1)), [0.8, 0.4, 0.2, 0.1])
    mean = float(np.mean(found))
    numbers = {"n": Number(Interval(mean, mean - 1, mean + 1, "bound")), "f": field}
    return Measurement(numbers, {f"{k}": x for k, x in enumerate(found)})
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("processes")


@pytest.fixture(scope="module")
def start(folder):
    (folder / "claim_of_pieces.py").write_text(CLAIM)

    def begin(name):
        code = CODE.format(root=str(ROOT), tests=str(folder), out=str(folder / name))
        process = subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout.readline() == "ready\n"
        return process

    return begin


@pytest.fixture(scope="module")
def undisturbed(start, folder):
    ended(start("alone"))
    return finished(folder / "alone")


def finished(root):
    (found,) = (p for p in (root / "toy").iterdir() if (p / "result.json").exists())
    return results.read(found)


def same(one, other) -> bool:
    return (
        one.quantities["n"] == other.quantities["n"]
        and one.record["digests"] == other.record["digests"]
        and all(np.array_equal(one.arrays[key], other.arrays[key]) for key in one.arrays)
    )


def ended(process):
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0 and errors == "", errors


def test_a_run_that_is_killed_at_any_moment_is_ended_by_the_next(start, folder, undisturbed):
    rng, root = np.random.default_rng(4), folder / "killed"
    for _ in range(4):
        process = start("killed")
        # among its twelve pieces of ten milliseconds, or while it is published
        time.sleep(rng.uniform(0.02, 0.2))
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
    ended(start("killed"))
    assert same(finished(root), undisturbed)
    assert not list(root.glob("toy/*.partial"))


def test_writers_at_once_do_not_disturb_each_other(start, folder, undisturbed):
    writers = [start("shared") for _ in range(3)]
    for process in writers:
        ended(process)
    assert same(finished(folder / "shared"), undisturbed)
    names = [p.name for p in (folder / "shared" / "toy").iterdir()]
    assert len(names) == 1, names
