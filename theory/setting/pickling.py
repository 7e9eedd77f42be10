"""What goes to another process: what an object was given, not what it has computed from it."""

from __future__ import annotations

from functools import cached_property


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
