"""Checks at the door: every error names the offending value and says what would be right."""

from __future__ import annotations

import math
import operator
import os
from functools import cache
from pathlib import Path

import numpy as np

MOST = 10**8  # of tokens, samples or steps: more would take years
MOST_SHOWN = 60  # characters of a value that a message quotes
MOST_MESSAGE = 300  # characters of a message: two lines of a terminal or three

# where Linux says how much a container may use: "max", a number of bytes, or nothing
CGROUP_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


class InputError(ValueError):
    """Input that the suite cannot use; its message is one line for the user.

    Whatever was typed, the line stays short: its middle is left out where it is longer than `most`
    characters (a list of names to choose from may be).
    """

    def __init__(self, message: str = "", most: int = MOST_MESSAGE):
        super().__init__(shortened(" ".join(str(message).split()), most))


def shortened(text: str, most: int) -> str:
    """`text` with its middle left out where it has more than `most` characters."""
    if len(text) <= most:
        return text
    end = (most - 3) // 3
    return f"{text[: most - 3 - end]}...{text[len(text) - end :]}"


def shown(value, most: int = MOST_SHOWN) -> str:
    """A value as a message quotes it: its repr, shortened, and of ASCII characters only."""
    # of a long text its ends only are of use, and repr of a huge number fails
    short = shortened(value, most) if isinstance(value, str) else value
    if isinstance(value, int) and abs(value) >= 10**25:
        return f"about 1e{int(value.bit_length() * 0.30103)}"
    return shortened(ascii(short), most + 2)


def positive(name: str, value: float) -> float:
    """Return `value` as a float, or raise InputError unless it is a finite number above zero."""
    number = real(name, value)
    if number <= 0:
        raise InputError(f"{name}: got {number:g}, expected a number > 0")
    return number


def within(name: str, value: float, low: float, high: float) -> float:
    """Return `value` as a float, or raise InputError unless it is a number from `low` to `high`."""
    number = real(name, value)
    if not low <= number <= high:
        raise InputError(f"{name}: got {number:g}, expected a number from {low:g} to {high:g}")
    return number


def real(name: str, value: float) -> float:
    """Return `value` as a float, or raise InputError unless it is a finite number."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name}: got {shown(value)}, expected a number") from None
    if not math.isfinite(number):
        raise InputError(f"{name}: got {number}, expected a finite number")
    return number


def whole(name: str, value: int, minimum: int) -> int:
    """Return `value` as an int, or raise InputError unless it is a whole number of at least
    `minimum`.
    """
    try:
        number = operator.index(value)
    except TypeError:
        raise InputError(
            f"{name}: got {shown(value)}, expected a whole number >= {minimum}"
        ) from None
    if number < minimum:
        raise InputError(f"{name}: got {shown(number)}, expected a whole number >= {minimum}")
    return number


def count(name: str, value: int, minimum: int, most: int = MOST) -> int:
    """Return `value` as an int, or raise InputError unless it is a number of things to compute."""
    if whole(name, value, minimum) > most:
        raise InputError(
            f"{name}: got {shown(value)}, expected at most {most}: more is out of reach"
        )
    return value


def flag(name: str, value: bool) -> bool:
    """Return `value` as a bool, or raise InputError unless it is one: "no" would count as true."""
    if not isinstance(value, bool | np.bool_):
        raise InputError(f"{name}: got {value!r}, expected True or False")
    return bool(value)


@cache
def memory() -> int:
    """Bytes of memory that this process may use: of the machine, or of its control group."""
    sizes = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for limit in CGROUP_LIMITS:
        try:
            sizes.append(int(limit.read_text()))
        except (OSError, ValueError):
            continue
    return min(size for size in sizes if size > 0)


def one_of(name: str, value: str, choices) -> str:
    """Return `value`, or raise InputError unless it is among `choices`."""
    if value not in list(choices):
        raise InputError(
            f"{name}: got {shown(value)}, expected one of {', '.join(map(str, choices))}"
        )
    return value


def finite_array(name: str, values, shape: tuple[int | None, ...]) -> np.ndarray:
    """Return `values` as a float64 array of the given shape (None: any length), or raise
    InputError.
    """
    array = as_numbers(name, values, _shown(shape))
    matches = array.ndim == len(shape) and all(
        want is None or have == want for have, want in zip(array.shape, shape, strict=True)
    )
    if not matches:
        raise InputError(f"{name}: got shape {array.shape}, expected {_shown(shape)}")
    bad = ~np.isfinite(array)
    if bad.any():
        first = tuple(int(k) for k in np.argwhere(bad)[0])
        raise InputError(
            f"{name}: {bad.sum()} of {array.size} entries are not finite, "
            f"the first is {array[first]} at index {first}; expected finite numbers"
        )
    return array


def as_numbers(name: str, values, expected: str) -> np.ndarray:
    """`values` as a float64 array, or raise InputError that tells the `expected` shape.

    Text, masked entries, complex numbers and rows of different lengths are refused.
    """
    refuse_masked(name, values)
    if isinstance(values, np.ndarray) and values.dtype.kind in "fiub":
        return np.asarray(values, dtype=np.float64)
    try:
        given = np.asarray(values)
    except ValueError:
        raise InputError(
            f"{name}: got rows of different lengths, expected numbers of shape {expected}"
        ) from None
    if given.dtype.kind == "c":
        raise InputError(f"{name}: got complex numbers, expected real ones")
    text = given.dtype.kind in "SU"
    if given.dtype.kind == "O":
        text = any(isinstance(v, str | bytes) for v in given.flat)
    if text or given.dtype.kind in "mMV":
        kind = "text" if text else given.dtype.name
        raise InputError(f"{name}: got {kind}, expected numbers of shape {expected}")
    try:
        return given.astype(np.float64)
    except (TypeError, ValueError):
        raise InputError(
            f"{name}: got {type(values).__name__}, expected numbers of shape {expected}"
        ) from None


def refuse_masked(name: str, values) -> None:
    """Raise InputError if entries of a NumPy array are masked: their values would be used."""
    if np.ma.isMaskedArray(values) and np.ma.is_masked(values):
        raise InputError(
            f"{name}: {np.ma.count_masked(values)} of {values.size} entries are masked, "
            f"expected an array without a mask"
        )


def _shown(shape):
    inside = ", ".join("any" if n is None else str(n) for n in shape)
    return f"({inside},)" if len(shape) == 1 else f"({inside})"
