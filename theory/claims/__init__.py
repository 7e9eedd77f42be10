"""What is said, as data: one file a claim, with the claim, its parameters, and nothing predicted.

A module of this folder holds `CLAIM` (a `Claim`), `Parameters` (a frozen dataclass of options, the
defaults being those of the reference run), `SMALL` (what to change for a run of seconds), perhaps
`LONG` (for `make convergence`), and the names of its quantities, which measurement and prediction
share. The design of an experiment lives here too, where it was chosen with the theory in hand:
temperatures of equal clock, sizes tied to temperatures. Nothing else registers a claim.
"""

from __future__ import annotations

import importlib
import importlib.util
import math
import pkgutil
from dataclasses import dataclass, field, fields
from functools import cache

from theory.setting.checks import MOST, InputError, memory, one_of, shown, whole

# how a claim stands to the paper; a tool says nothing about attention, but others rest on it
AS_THE_PAPER_SAYS, CORRECTED, NEW, TOOL = "as the paper says", "corrected", "new", "tool"
RELATIONS = (AS_THE_PAPER_SAYS, CORRECTED, NEW, TOOL)


@dataclass(frozen=True)
class Paper:
    """How a claim stands to Ruan and Zhang (arXiv 2412.18288), in a word and in a sentence.

    Of the paper its abstract and the forms of its Theorems 3 and 4 were at hand: what more it says
    is not known here, and "new" means not found in those.
    """

    relation: str = NEW
    note: str = "The paper's abstract and theorems do not say it."

    def __post_init__(self):
        one_of("relation", self.relation, RELATIONS)


@dataclass(frozen=True)
class Claim:
    """One claim: what is said, by whom, under which hypotheses, what is predicted, of which order.

    needs: libraries beyond the core, by the name under which they are imported; a claim that needs
    any is optional (`optional_claims`), and `make NAME` installs them. `rank` orders the claims in
    tables and reports; `statement`, `predicted` and the note of `paper` may hold formulas between
    dollars. The headline is the first quantity that is measured.
    """

    name: str
    rank: float
    title: str
    statement: str
    source: str
    hypotheses: str
    predicted: str
    order: str
    paper: Paper = Paper()
    needs: tuple[str, ...] = ()

    def __post_init__(self):
        for f in fields(self):
            if getattr(self, f.name) == "":
                raise InputError(f"claim {self.name}: {f.name} is empty, expected a text")


TOKEN_BYTES, SAMPLE_BYTES = 600, 1000  # of memory: of a token at work, of what a sample leaves


def option(default, help: str, *, least: int | None = None, bytes: int = 0, times=()):
    """A parameter of an experiment: its default and a line of help for the command line.

    Of a count also the least that an experiment can use, and the bytes of memory that each takes.
    times: counts that it multiplies with, where an array holds something for every pair; its own
    name for a square. `check_counts` holds the parameters to them.
    """
    limits = {} if least is None else {"least": least, "bytes": bytes, "times": tuple(times)}
    return field(default=default, metadata={"help": help} | limits)


def check_counts(parameters) -> None:
    """Raise InputError where a count is less than an experiment can use, or takes more memory than
    the machine has: before anything is computed."""
    counts = [f for f in fields(parameters) if "least" in f.metadata]
    for f in counts:
        whole(f.name, getattr(parameters, f.name), f.metadata["least"])
    # of counts that multiply the one that was raised most is to blame
    counts.sort(key=lambda f: 1000 * getattr(parameters, f.name) // f.default, reverse=True)
    for f in counts:
        most = most_of(parameters, f)
        if getattr(parameters, f.name) > most:
            others = [f"{n} {getattr(parameters, n)}" for n in f.metadata["times"] if n != f.name]
            beside = f" with {' and '.join(others)}" if others else ""
            reason = f"does not fit in the {memory() / 1e9:.3g} GB of this machine"
            raise InputError(
                f"{f.name}: got {shown(getattr(parameters, f.name))}{beside}, expected at most {most}: "
                f"more {reason if most < MOST else 'would take years'}"
            )


def most_of(parameters, f) -> int:
    """The largest value of a count that fits in the memory, the others as they are."""
    times = f.metadata.get("times", ())
    squared = f.name in times
    others = (getattr(parameters, n) for n in times if n != f.name)
    room = memory() // (max(1, f.metadata.get("bytes", 1)) * math.prod(others))
    return min(MOST, math.isqrt(room) if squared else room)


def option_name(f) -> str:
    """Command-line name of a parameter: dashes, and the singular where it may be repeated."""
    name = f.name
    if isinstance(f.default, tuple):
        plural = name.endswith("ies")
        name = name.removesuffix("ies") + "y" if plural else name.removesuffix("s")
    return name.replace("_", "-")


@cache
def claims() -> dict[str, Claim]:
    """The claims by name, in the order of their rank: every module of this folder, but those whose
    claim needs more than the core."""
    return {name: claim for name, claim in _all_claims().items() if not claim.needs}


@cache
def optional_claims() -> dict[str, Claim]:
    """The claims that need more than the core, by name, in the order of their rank."""
    return {name: claim for name, claim in _all_claims().items() if claim.needs}


def _all_claims():
    modules = [
        importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)
    ]
    by_rank = sorted((m.CLAIM for m in modules), key=lambda c: (c.rank, c.name))
    return {claim.name: claim for claim in by_rank}


def require_libraries(name: str) -> None:
    """Raise InputError, which says what installs them, where libraries of a claim are missing."""
    missing = [m for m in load(name).CLAIM.needs if importlib.util.find_spec(m) is None]
    if missing:
        raise InputError(
            f"claim: {name} needs {', '.join(missing)}, not installed here; `make {name}` "
            "installs what it needs"
        )


def load(name: str):
    """The module of a claim, an optional one too; raises InputError for an unknown name, or one not
    its file's."""
    known = claims() | optional_claims()
    module = importlib.import_module(f"{__name__}.{one_of('claim', name, known)}")
    if module.CLAIM.name != name:
        raise InputError(
            f"claim: {module.__name__} holds the claim {module.CLAIM.name!r}, expected {name!r}"
        )
    return module
