"""The only join of theory and measurement: one short file per claim.

An experiment is a module of this folder with `CLAIM` (what is tested), a frozen dataclass `Parameters` (its options,
with the defaults of the reference run), a dict SMALL (what to change for a run of seconds), perhaps
LONG (for `make convergence`), and `run(parameters, run) -> Outcome`. Its file has the name of its claim; nothing else registers it.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import field
from functools import cache

from theory.checks import InputError, one_of
from theory.claims import Claim


@cache
def claims() -> dict[str, Claim]:
    """The claims by name, in the order of their rank: every module here that holds a CLAIM."""
    modules = [importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)]
    found = sorted((m.CLAIM for m in modules if hasattr(m, "CLAIM")), key=lambda c: (c.rank, c.name))
    return {claim.name: claim for claim in found}


def load(claim: str):
    """The experiment module of a claim; raises InputError for an unknown name, or one that differs from its file's."""
    module = importlib.import_module(f"{__name__}.{one_of('claim', claim, claims())}")
    if module.CLAIM.name != claim:
        raise InputError(f"claim: {module.__name__} holds the claim {module.CLAIM.name!r}, expected {claim!r}")
    return module


def option(default, help: str):
    """A parameter of an experiment: its default and a line of help for the command line."""
    return field(default=default, metadata={"help": help})
