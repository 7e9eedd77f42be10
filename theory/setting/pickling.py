"""What goes to another process: what an object was given, not what it has computed from it."""

from __future__ import annotations

import sys
from functools import cached_property, reduce
from types import FunctionType

from theory.setting.checks import InputError


class WithoutCaches:
    """Pickled without its cached properties, which are computed again where they are needed.

    Functions compiled by SymPy and plans of engines, which live there, cannot be pickled.
    """

    def __getstate__(self):
        cached = {
            name
            for owner in type(self).__mro__
            for name, value in vars(owner).items()
            if isinstance(value, cached_property)
        }
        return {name: value for name, value in self.__dict__.items() if name not in cached}


class WithFunctions(WithoutCaches):
    """Immutable, and given functions of a user: those go to another process by their names."""

    def __getstate__(self):
        state = super().__getstate__()
        for value in state.values():
            require_importable(value)
        return state

    def __deepcopy__(self, memo):
        # within a process there is no need of names
        return self


def require_importable(value) -> None:
    """Raise InputError for a plain function that pickle does not find by its name."""
    if isinstance(value, FunctionType) and _named(value.__module__, value.__qualname__) != value:
        raise InputError(
            f"pickle: the function {value.__qualname__!r} is not found by its name in the module "
            f"{value.__module__!r}, expected one that can be imported: with def at the top level "
            "of a module"
        )


def _named(module, qualname):
    try:
        return reduce(getattr, qualname.split("."), sys.modules[module])
    except (AttributeError, KeyError):
        return None
