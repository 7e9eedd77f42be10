"""The commands that take long: their parts, and the line of time and memory before they start."""

from __future__ import annotations

from pathlib import Path

from simulations.store.costs import DOCS, WHOLE, expected
from theory import claims as claims_
from theory.claims import claims

HEADS = "all heads"  # of MiniLM, beside the claim `trained_heads`
TWEAKS = 200  # by default


def studies() -> list[str]:
    """The claims that have a long study of convergence."""
    return [name for name in claims() if hasattr(claims_.load(name), "LONG")]


def parts(command: str):
    """The parts of a command as it runs by default, and how many run side by side."""
    # each imports what the others need not
    if command == "figures":
        from simulations.verdict.side_by_side import CLAIMS_AT_ONCE

        return list(claims()), CLAIMS_AT_ONCE
    if command == "sabotage":
        from simulations.verdict.sabotage.mistakes import MISTAKES
        from simulations.verdict.sabotage.study import WORKERS

        return [m.name for m in MISTAKES], WORKERS
    if command == "coverage":
        from simulations.verdict.coverage import CASES, REPEATS

        return dict.fromkeys(CASES, REPEATS), 1
    if command == "tweaks":
        return dict.fromkeys(claims(), TWEAKS / len(claims())), 2
    single = {
        "convergence": studies,
        "bench": lambda: [WHOLE],
        "heads": lambda: ["trained_heads", HEADS],
        "learn": lambda: ["metric_attention"],
    }
    return single[command](), 1


# of optional claims that a target runs by themselves
TARGETS = {"metric_attention": "learn"}
COMMANDS = ("figures", "convergence", "sabotage", "coverage", "tweaks", "bench", "heads", "learn")


def line(command: str, chosen=None, at_once: int | None = None, folder: Path = DOCS) -> str:
    """One line: the time and the memory that a command takes, from the records of its runs.

    chosen: instead of its default parts, their names or {name: units}; at_once: how many of them
    run side by side.
    """
    every, usual = parts(command)
    chosen = every if chosen is None else chosen
    return expected(command, chosen, at_once or usual, folder).line(f"make {command}")


def lines(folder: Path = DOCS) -> list[str]:
    """A line for each of them."""
    return [line(command, folder=folder) for command in COMMANDS]
