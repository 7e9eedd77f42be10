"""What long commands take: the record that a run of one leaves, and the line before the next begins.

A record holds, for each command, the seconds of its parts and the most memory that its processes
held. Runs write results/costs.json; `make readme` ships it as docs/costs.json, beside the records of
verdicts, mistakes and tweaks, which hold the seconds of their own parts. Of a part that was run more
than once the longest counts: a run that takes up what is there is no measure.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

from simulations.store.files import read_json, reading, write_json
from simulations.store.sources import ROOT
from theory.setting.checks import memory

DOCS = ROOT / "docs"
FILE = "costs.json"
WHOLE = "all of it"  # the part of a command that has no parts
# records that hold the seconds of parts under a key of theirs
OTHERS = {
    "figures": ("verdicts", "claim"),
    "sabotage": ("sabotage", "mistake"),
    "tweaks": ("tweaks", "claim"),
}
UNIT = 1 if sys.platform == "darwin" else 2**10  # bytes of ru_maxrss


@dataclass(frozen=True)
class Expected:
    """What a command takes: seconds of wall time, how many of its parts have no record, bytes of
    memory (None where there is no record), and on how many processors that was."""

    parts: int
    seconds: float
    missing: int
    bytes: int | None
    processors: int | None

    def line(self, command: str) -> str:
        """One line for the user."""
        said = []
        if self.missing < self.parts:
            word = "more than" if self.missing else "about"
            said.append(f"{word} {in_words(self.seconds)}")
        if self.missing:
            which = f"{self.missing} of its {self.parts} parts" if said else "its time"
            said.append(f"no record of {which}")
        if self.bytes is None:
            said.append("no record of its memory")
        else:
            here = memory()
            said.append(f"at most {gigabytes(self.bytes)} of memory")
            if self.bytes > here:
                said.append(f"which is more than the {gigabytes(here)} of this machine")
        where = f" (measured on {self.processors} processors)" if self.processors else ""
        return f"{command}: {', '.join(said)}{where}"


def in_words(seconds: float) -> str:
    """A time as people say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def gigabytes(number: float) -> str:
    return f"{number / 1e9:.2g} GB"


def expected(command: str, parts, at_once: int = 1, folder: Path = DOCS) -> Expected:
    """What `parts` of a command take, from the records of a folder.

    parts: their names, or {name: how many units of it}, such as repetitions. at_once: parts that
    run side by side. Raises DamagedError where a record cannot be read.
    """
    parts = parts if isinstance(parts, dict) else dict.fromkeys(parts, 1)
    record = _read(folder / FILE).get(command, {})
    seconds = _seconds(command, record, folder)
    known = {name: units * seconds[name] for name, units in parts.items() if name in seconds}
    # the last parts run alone
    wall = max(sum(known.values()) / at_once, max(known.values(), default=0))
    missing = len(parts) - len(known)
    return Expected(len(parts), wall, missing, record.get("bytes"), record.get("processors"))


def _seconds(command, record, folder):
    """Seconds of a unit of each part: the mean, where a record has several of one name."""
    if command not in OTHERS:
        return record.get("seconds", {})
    name, key = OTHERS[command]
    path, found = folder / f"{name}.json", {}
    with reading(path):
        for part in _read(path, []):
            found.setdefault(part[key], []).append(part["seconds"])
        return {part: fmean(each) for part, each in found.items()}


def _read(path, nothing=None):
    if not path.exists():
        return {} if nothing is None else nothing
    return read_json(path)


@dataclass
class Spent:
    """What a run finds out: seconds of a unit of each part."""

    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, part: str, seconds: float, units: int = 1) -> None:
        self.seconds[part] = round(seconds / units, 3)


@contextlib.contextmanager
def recorded(
    command: str, root: Path, at_once: int = 1, part: str | None = None, units: int = 1
) -> Iterator[Spent]:
    """Keep what the block takes in root/costs.json; nothing is kept where it fails.

    at_once: processes that share the work. part: the whole block is this part, `units` of it.
    """
    spent, start = Spent(), time.perf_counter()
    yield spent
    if part is not None:
        spent.add(part, time.perf_counter() - start, units)
    path = root / FILE
    record = _read(path)
    before = record.get(command, {})
    seconds = before.get("seconds", {})
    longest = {n: max(s, seconds.get(n, 0)) for n, s in spent.seconds.items()}
    record[command] = {
        "seconds": seconds | longest,
        "bytes": max(peak(at_once), before.get("bytes", 0)),
        "processors": os.cpu_count(),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }
    write_json(path, record)


def peak(at_once: int = 1) -> int:
    """The most memory in bytes that this process and `at_once` children held, at most: the largest
    of the children counts for each."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return UNIT * (own + (at_once * child if at_once > 1 else 0))


def ship(root: Path, folder: Path = DOCS) -> None:
    """Put what was measured in `root` in place of what the shipped record says of the same."""
    here, shipped = _read(root / FILE), _read(folder / FILE)
    for command, record in here.items():
        seconds = shipped.get(command, {}).get("seconds", {}) | record["seconds"]
        shipped[command] = record | {"seconds": seconds}
    if here:
        write_json(folder / FILE, shipped)
