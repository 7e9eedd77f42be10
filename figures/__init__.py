"""Figures: one file per figure, `CLAIM` and `draw(result) -> Figure`. They read results and compute nothing anew."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from simulations.experiments import claims
from theory.checks import one_of


@cache
def names() -> list[str]:
    """The figures, in the order of their claims: every module here that holds a CLAIM."""
    modules = {m.name: importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__) if m.name != "__main__"}
    order = list(claims())
    return sorted((n for n, m in modules.items() if hasattr(m, "CLAIM")), key=lambda n: (order.index(modules[n].CLAIM), n))


def load(name: str):
    """The module of a figure; raises InputError for an unknown name."""
    return importlib.import_module(f"{__name__}.{one_of('figure', name, names())}")


def claim_of(name: str) -> str:
    """The claim that a figure belongs to."""
    return load(name).CLAIM
