"""What is said, as data: one file a claim, with the claim, its parameters, and nothing predicted.

A module of this folder holds `CLAIM` (a `Claim`), `Parameters` (a frozen dataclass of options, the
defaults being those of the reference run), `SMALL` (what to change for a run of seconds), perhaps
`LONG` (for `make convergence`), and the names of its quantities, which measurement and prediction
share. The design of an experiment lives here too, where it was chosen with the theory in hand:
temperatures of equal clock, sizes tied to temperatures. Nothing else registers a claim.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass, field, fields
from functools import cache

from theory.setting.checks import InputError, one_of


@dataclass(frozen=True)
class Claim:
    """One claim: what is said, by whom, under which hypotheses, what is predicted, of which order.

    `rank` orders the claims in tables and reports; `statement` and `predicted` may hold formulas
    between dollars. The headline is the first quantity that is measured.
    """

    name: str
    rank: float
    title: str
    statement: str
    source: str
    hypotheses: str
    predicted: str
    order: str

    def __post_init__(self):
        for f in fields(self):
            if getattr(self, f.name) == "":
                raise InputError(f"claim {self.name}: {f.name} is empty, expected a text")


def option(default, help: str):
    """A parameter of an experiment: its default and a line of help for the command line."""
    return field(default=default, metadata={"help": help})


@cache
def claims() -> dict[str, Claim]:
    """The claims by name, in the order of their rank: every module of this folder."""
    modules = [
        importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)
    ]
    by_rank = sorted((m.CLAIM for m in modules), key=lambda c: (c.rank, c.name))
    return {claim.name: claim for claim in by_rank}


def load(name: str):
    """The module of a claim; raises InputError for an unknown name, or one not its file's."""
    module = importlib.import_module(f"{__name__}.{one_of('claim', name, claims())}")
    if module.CLAIM.name != name:
        raise InputError(
            f"claim: {module.__name__} holds the claim {module.CLAIM.name!r}, expected {name!r}"
        )
    return module
