"""The only join of theory and measurement: one short file per claim.

An experiment is a module with a frozen dataclass `Parameters` (its options, with defaults for the reference run), a
dict SMALL (what to change for a run of seconds) and `run(parameters, run) -> Outcome`. It is found by its name, which
is that of its entry in theory/claims.py.
"""

from __future__ import annotations

import importlib
from dataclasses import field

from theory.checks import one_of
from theory.claims import CLAIMS


def load(claim: str):
    """The experiment module of a claim; raises InputError for an unknown name."""
    return importlib.import_module(f"{__name__}.{one_of('claim', claim, CLAIMS)}")


def option(default, help: str):
    """A parameter of an experiment: its default and a line of help for the command line."""
    return field(default=default, metadata={"help": help})
