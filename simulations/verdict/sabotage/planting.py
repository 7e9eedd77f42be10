"""Plant a mistake at run time: replace a function wherever the project has it, and put it back."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from theory.setting.checks import InputError

PACKAGES = ("theory", "simulations")


@dataclass(frozen=True)
class Mistake:
    """A planted mistake.

    patches: for each dotted name, `module.function` or `module.Class.method`, what makes the
    mistaken one of the right one; "simulations: name" plants it in the modules of that package
    alone, where both sides use the same function. claims: where it is tried.
    """

    name: str
    patches: dict[str, Callable]
    claims: tuple[str, ...]


@contextlib.contextmanager
def planted(mistake: Mistake) -> Iterator[None]:
    """Run with the mistake in place; afterwards everything is as it was."""
    undo = []
    try:
        for target, change in mistake.patches.items():
            package, _, dotted = target.rpartition(": ")
            holder, name = locate(dotted)
            original = holder.__dict__[name]
            mistaken = change(original)
            for owner in holders(holder, name, original, package):
                undo.append((owner, name, original))
                setattr(owner, name, mistaken)
        yield
    finally:
        for owner, name, original in reversed(undo):
            setattr(owner, name, original)


def locate(target: str):
    """(module or class, attribute) of a dotted name; raises InputError where there is none."""
    parts = target.split(".")
    if parts[0] in PACKAGES:
        for cut in range(len(parts) - 1, 0, -1):
            with contextlib.suppress(ModuleNotFoundError, AttributeError):
                holder = importlib.import_module(".".join(parts[:cut]))
                for part in parts[cut:-1]:
                    holder = getattr(holder, part)
                if parts[-1] in vars(holder):
                    return holder, parts[-1]
    raise InputError(f"target: got {target!r}, expected the name of something in the project")


def holders(holder, name, original, package="") -> list:
    """Every module (of a package) that took the same object by `from ... import`, or the class."""
    if isinstance(holder, type):
        return [holder]
    packages = (package,) if package else PACKAGES
    modules = [m for key, m in list(sys.modules.items()) if key.split(".")[0] in packages]
    return [m for m in modules if vars(m).get(name) is original]
