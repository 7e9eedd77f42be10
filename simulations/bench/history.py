"""The benchmark over time: one line a run in docs/bench-history.jsonl, with the date, the commit, the
machine and every ratio. Seconds of two machines do not compare; ratios, measured in turn, do better.
"""

from __future__ import annotations

import json
import platform
import subprocess
from pathlib import Path

from simulations.store.files import reading, write_text
from simulations.store.sources import ROOT

HISTORY = ROOT / "docs" / "bench-history.jsonl"
_PARTS = ("steps", "spectra", "classical", "layers")


def entry(record: dict) -> dict:
    """What is kept of a record of `make bench`: seconds of the peer over ours, by what both computed
    and the name of the peer.
    """
    ratios = {
        f"{row['engine']}, {row['problem']}: {row['peer_name']}": float(row["ratio"])
        for part in _PARTS
        for row in record.get(part, [])
        if "ratio" in row
    }
    ours = record["pde"][0]["solver"] if record.get("pde") else None
    for row in record.get("pde", []):
        if "ratio to ours" in row and row["solver"] != ours:
            what = f"drift-diffusion, {row['cells']}: {row['solver']}"
            ratios[what] = float(row["ratio to ours"])
    return {
        "date": record["finished"],
        "commit": commit(),
        "machine": f"{platform.machine()}, {record['processors']} processors",
        "load": record["load"],
        "quick": record["quick"],
        "ratios": ratios,
    }


def commit() -> str:
    """The short name of the commit, with a + where files differ from it; "unknown" outside of git."""
    try:
        name = _git("rev-parse", "--short", "HEAD")
        return name + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*arguments):
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def entries(path: Path = HISTORY) -> list[dict]:
    """All runs, in the order in which they were added; raises DamagedError for a damaged file."""
    if not path.exists():
        return []
    with reading(path):
        found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for one in found:
            if not isinstance(one["ratios"], dict) or not isinstance(one["date"], str):
                raise ValueError("a line is no run of the benchmark")
    return found


def append(record: dict, path: Path = HISTORY) -> None:
    """Add a run; the file is written whole or not at all."""
    kept = [*entries(path), entry(record)]
    write_text(path, "".join(json.dumps(one, sort_keys=True) + "\n" for one in kept))
