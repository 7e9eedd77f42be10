"""Real processes: killed at any moment, or two at once, a rerun comes out bit for bit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from simulations.store import results
from simulations.store.sources import ROOT

# a claim as it is shipped, small: pieces of nodes and of samples, then numbers and fields
WORDS = "run markov --n-tokens 100 --n-levels 4 --n-seeds 400 --seed 5".split()
BEGUN = "markov: measuring, without progress bars\n"
KILLS = 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("processes")


@pytest.fixture(scope="module")
def start(folder):
    def begin(name, *more):
        """A process that has begun to measure."""
        words = [*WORDS, "--results", str(folder / name), *more]
        command = [sys.executable, "-m", "simulations", *words]
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stderr.readline() == BEGUN
        return process

    return begin


@pytest.fixture(scope="module")
def undisturbed(start, folder):
    """(result, seconds from its first line to its last)."""
    process = start("alone")
    began = time.perf_counter()
    ended(process)
    return finished(folder / "alone"), time.perf_counter() - began


def finished(root):
    (found,) = (p for p in (root / "markov").iterdir() if (p / "result.json").exists())
    return results.read(found)


def same(one, other) -> bool:
    """Bit for bit, but for the times."""
    times = ("seconds", "loops", "finished")
    plain = [{k: v for k, v in r.record.items() if k not in times} for r in (one, other)]
    return plain[0] == plain[1] and all(
        np.array_equal(one.arrays[key], other.arrays[key]) for key in one.arrays
    )


def ended(process):
    said, errors = process.communicate(timeout=240)
    assert process.returncode == 0 and errors == "", errors
    assert said.startswith("\nmarkov: ")


def test_a_run_that_is_killed_at_any_moment_is_ended_by_the_next(start, folder, undisturbed):
    rng, root = np.random.default_rng([4, os.getpid()]), folder / "killed"
    result, seconds = undisturbed
    for share in rng.uniform(0, 1, KILLS):
        if any(root.glob("markov/*/result.json")):  # killed after it was done: begin anew
            root = folder / f"killed-{share}"
        process = start(root.name)
        time.sleep(share * seconds)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
    if not any(root.glob("markov/*/result.json")):
        ended(start(root.name))
    assert same(finished(root), result)
    assert not list(root.glob("markov/*.partial"))


def test_writers_at_once_do_not_disturb_each_other(start, folder, undisturbed):
    # the second takes away the pieces of the first, and puts its result in place of that one's
    for process in [start("shared", "--force") for _ in range(2)]:
        ended(process)
    assert same(finished(folder / "shared"), undisturbed[0])
    names = [p.name for p in (folder / "shared" / "markov").iterdir()]
    assert len(names) == 1, names
