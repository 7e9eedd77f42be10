"""Figures: a folder a claim, a file a figure, `draw(judged) -> Figure`.

A figure whose module also has `animate(judged) -> FuncAnimation` is a film too, `draw` its still.
They read measurements and verdicts, and compute nothing anew. A figure is named by its claim and
its file: figures/generator/coefficients.py is `generator_coefficients`, figures/markov/markov.py
is `markov`. The first paragraph of its docstring is its caption. Those of all claims at once are in
figures/all_claims, `draw(judgements) -> Figure`; the folder report holds the page of all claims.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from pathlib import Path

# what takes long to import is imported by the functions: `python -m figures` reads this file before
# it can say what an interrupt is to do


@cache
def names() -> dict[str, str]:
    """Module of each figure by its name, in the order of the claims; the claim's own first."""
    from theory.claims import claims

    return _figures_of(claims())


@cache
def optional_names() -> dict[str, str]:
    """As `names`, of the claims that need more than the core."""
    from theory.claims import optional_claims

    return _figures_of(optional_claims())


def _figures_of(claims):
    found = {}
    for claim in claims:
        folders = [str(Path(folder) / claim) for folder in __path__]
        stems = sorted((m.name != claim, m.name) for m in pkgutil.iter_modules(folders))
        for _, stem in stems:
            name = claim if stem == claim else f"{claim}_{stem}"
            found[name] = f"{__name__}.{claim}.{stem}"
    return found


@cache
def openers() -> dict[str, str]:
    """Module of each figure of all claims at once, by its name."""
    folders = [str(Path(folder) / "all_claims") for folder in __path__]
    return {m.name: f"{__name__}.all_claims.{m.name}" for m in pkgutil.iter_modules(folders)}


def load(name: str):
    """The module of a figure; raises InputError for an unknown name."""
    return importlib.import_module(_module(name))


def draw(name: str, judged):
    """A figure of a judged measurement, with its footer.

    A module may have `facts(judged) -> tuple[str, ...]`: more facts for the footer.
    """
    from figures import style

    module = load(name)
    figure = module.draw(judged)
    style.footer(figure, judged, *getattr(module, "facts", lambda judged: ())(judged))
    return figure


def moves(name: str) -> bool:
    """Whether a figure is a film too."""
    return hasattr(load(name), "animate")


def animate(name: str, judged):
    """The film of a figure that moves, with its footer."""
    return load(name).animate(judged)


def claim_of(name: str) -> str:
    """The claim that a figure belongs to."""
    return _module(name).split(".")[1]


def _module(name):
    from theory.setting.checks import one_of

    known = names() | openers() | optional_names()
    return known[one_of("figure", name, known)]


def caption(name: str) -> str:
    """What a figure shows, in a sentence: the first paragraph of its docstring."""
    return " ".join(load(name).__doc__.split("\n\n")[0].split())
