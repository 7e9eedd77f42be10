"""Warnings that point at the line which asked for attention, however deep below it they arise."""

from __future__ import annotations

import sys
import warnings

_INSIDE = ("simulations.attention", "simulations.dynamics", "scipy", "numpy", "functools")


def warn_caller(message: str, category: type[Warning]) -> None:
    """Warn with the file and line of the nearest caller outside of attention and of SciPy."""
    level, frame = 1, sys._getframe(0)
    while frame.f_back is not None and _is_inside(frame.f_globals.get("__name__", "")):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


def _is_inside(module):
    return any(module == name or module.startswith(name + ".") for name in _INSIDE)
