"""One point of a sweep, measured in a process of the pool or on a worker of a cluster."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numba

from simulations.store import sources
from simulations.store.folders import writing
from simulations.store.results import Result, execute, found, read, run_name
from simulations.sweeps.plan import Point
from theory import claims as claims_
from theory.setting.checks import InputError


@dataclass(frozen=True)
class Outcome:
    """How a point ended: a message where it failed, and what it wrote, where it is not on this disk
    yet: the content of the files by name."""

    failed: str = ""
    files: dict[str, bytes] = field(default_factory=dict, repr=False)


def folder_of(point: Point, root: Path) -> Path:
    """Where a point is kept: root/<claim>/<name of the run>."""
    reference = claims_.load(point.claim).Parameters()
    return root / point.claim / run_name(point.parameters, reference)


def stored(point: Point, root: Path) -> Result | None:
    """The point as it was measured by these very sources, or None."""
    result = found(folder_of(point, root))
    if result is None or not result.is_of(point.claim, point.parameters):
        return None
    code = sources.digest(f"simulations.experiments.{point.claim}")
    return result if result.record["sources"] == code else None


def measure(point: Point, root: Path | None, threads: int) -> Outcome:
    """Measure a point on so many threads; whatever goes wrong is its outcome, and stops nothing.

    root: where it is kept; None on a machine with a disk of its own, whose files are sent back.
    """
    numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
    try:
        if root is not None:
            execute(point.claim, point.parameters, root=root, quiet=True)
            return Outcome()
        with tempfile.TemporaryDirectory() as scratch:
            done = execute(point.claim, point.parameters, root=Path(scratch), quiet=True)
            return Outcome(files={p.name: p.read_bytes() for p in done.folder.iterdir()})
    except InputError as error:
        return Outcome(str(error))
    except Exception as error:
        return Outcome(" ".join(f"{type(error).__name__}: {error}".split()))


def keep(point: Point, files: dict[str, bytes], root: Path) -> str:
    """Put what a worker sent in its folder, whole or not at all; what is wrong with it, or "".

    A worker whose sources differ measures something else: it is not kept.
    """
    folder = folder_of(point, root)
    with writing("results folder", folder.parent):
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        try:
            os.chmod(fresh, 0o755)
            for name, content in files.items():
                (fresh / Path(name).name).write_bytes(content)
            sent = read(fresh)
            code = sources.digest(f"simulations.experiments.{point.claim}")
            if sent is None or not sent.is_of(point.claim, point.parameters):
                return "the worker sent another result than it was asked for"
            if sent.record["sources"] != code:
                return "the worker has other sources than this machine, expected the same clone"
            shutil.rmtree(folder, ignore_errors=True)  # of other sources, or damaged
            os.rename(fresh, folder)
        except InputError as error:
            return str(error)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return ""
