"""A first look: one claim at a small size, after a word on what the long targets take."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from simulations.store.sources import ROOT
from simulations.verdict.side_by_side import CLAIMS_AT_ONCE

CLAIM = FIGURE = "generator"
PARAMETERS = {"manifolds": ("circle",), "n_tokens": 5000, "n_seeds": 60}
VERDICTS = ROOT / "docs" / "verdicts.json"
MEGABYTE = 2**20 if sys.platform == "darwin" else 2**10  # in the unit of ru_maxrss


def costs(path: Path = VERDICTS) -> list[str]:
    """Lines about the long targets, from the seconds that the shipped reference runs took.

    Of a claim that shared the machine with another they are too many rather than too few.
    """
    seconds = {row["claim"]: row["seconds"] for row in json.loads(path.read_text())}
    longest = max(seconds, key=seconds.get)
    minutes = sum(seconds.values()) / CLAIMS_AT_ONCE / 60
    return [
        f"make figures, make report   {len(seconds)} claims, {CLAIMS_AT_ONCE} at a time: about "
        f"{minutes:.0f} min (the longest, {longest}, {seconds[longest] / 60:.1f} min)",
        "make test                   about as long",
        "make convergence, sabotage, coverage, tweaks   half an hour to hours each",
    ]


def memory() -> str:
    """The most that this process has held in memory."""
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE:.0f} MB of memory"
