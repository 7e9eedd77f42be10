"""Figures: one file per figure, `CLAIM` and `draw(result) -> Figure`. They read results and compute nothing anew."""

from __future__ import annotations

import importlib
import pkgutil

from theory.checks import one_of
from theory.claims import CLAIMS


def names() -> list[str]:
    """The figures, in the order of their claims."""
    found = [m.name for m in pkgutil.iter_modules(__path__) if m.name.split("_")[0] in CLAIMS]
    return sorted(found, key=lambda name: (list(CLAIMS).index(name.split("_")[0]), name))


def load(name: str):
    """The module of a figure; raises InputError for an unknown name."""
    return importlib.import_module(f"{__name__}.{one_of('figure', name, names())}")


def claim_of(name: str) -> str:
    """The claim that a figure belongs to: its name up to the first underscore."""
    return one_of("figure", name, names()).split("_")[0]
