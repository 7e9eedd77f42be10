"""Checks at the door: every error names the offending value and says what would be right."""

from __future__ import annotations

import contextlib
import difflib
import math
import operator
import os
from functools import cache
from pathlib import Path

import numpy as np

MOST = 10**8  # of tokens, samples or steps: more would take years
MOST_SHOWN = 60  # characters of a value that a message quotes
MOST_LISTED = 200  # characters of a list of names to choose from
MOST_MESSAGE = 300  # characters of a message: two lines of a terminal or three

# where Linux says how much a container may use: "max", a number of bytes, or nothing
CGROUP_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


class InputError(ValueError):
    """Input that the suite cannot use; its message is one line for the user.

    Whatever was typed, the line stays short: its middle is left out where it is longer than `most`
    characters.
    """

    def __init__(self, message: str = "", most: int = MOST_MESSAGE):
        super().__init__(shortened(" ".join(str(message).split()), most))


@contextlib.contextmanager
def value_of(option: str, value, part: str = ""):
    """Refusals in the block are of the value of an option: they name it, whatever they begin with.

    part: what the block calls the value, which is not said again.
    """
    try:
        yield
    except InputError as refused:
        head, _, why = str(refused).partition(": ")
        if head == option:
            raise
        raise InputError(
            f"{option}: got {shown(value)}: {why if head == part else refused}"
        ) from None


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
    return _number(name, value, "a finite number > 0", lambda x: x > 0)


def within(name: str, value: float, low: float, high: float) -> float:
    """Return `value` as a float, or raise InputError unless it is a number from `low` to `high`,
    and finite where `high` is not."""
    upper = f"a number from {low:g} to {high:g}"
    expected = upper if high < math.inf else f"a finite number >= {low:g}"
    return _number(name, value, expected, lambda x: low <= x <= high)


def share(name: str, value: float) -> float:
    """Return `value` as a float, or raise InputError unless it is a number between 0 and 1."""
    return _number(name, value, "a number > 0 and < 1", lambda x: 0 < x < 1)


def real(name: str, value: float) -> float:
    """Return `value` as a float, or raise InputError unless it is a finite number."""
    return _number(name, value, "a finite number", lambda x: True)


def _number(name, value, expected, accepted):
    try:
        number = float(_no_text_or_bool(value))
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name}: got {shown(value)}, expected {expected}") from None
    if not (math.isfinite(number) and accepted(number)):
        raise InputError(f"{name}: got {number:g}, expected {expected}")
    return number


def _no_text_or_bool(value):
    """The value, or TypeError for what float() takes and is no number: text, True, an array."""
    kind = getattr(getattr(value, "dtype", None), "kind", None)
    if (
        isinstance(value, bool | str | bytes | bytearray)
        or kind == "b"
        or getattr(value, "ndim", 0)
    ):
        raise TypeError
    return value


def whole(name: str, value: int, minimum: int) -> int:
    """Return `value` as an int, or raise InputError unless it is a whole number of at least
    `minimum`.
    """
    try:
        number = operator.index(_no_text_or_bool(value))
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


def grows_to(largest: int, most: int, what: str, **counts: int) -> int:
    """Return the largest number of things that a count of levels ends at, or raise InputError if
    there are more than `most`.

    counts: the number of levels and the size that they start from, by name, in this order.
    """
    (name, levels), (first, start) = counts.items()
    if largest > most:
        raise InputError(
            f"{name}: got {levels} from {first} = {start}, which ends at {largest} {what}, "
            f"expected at most {most}"
        )
    return largest


def per_axis(name: str, counts, dim: int, minimum: int) -> tuple[int, ...]:
    """Counts on each of `dim` axes from an int for all of them or `dim` ints, or raise InputError
    unless they are whole numbers of at least `minimum`."""
    if isinstance(counts, str) or not np.iterable(counts):
        return (whole(name, counts, minimum),) * dim
    each = list(counts)
    if len(each) != dim:
        raise InputError(
            f"{name}: got {shown(counts)}, expected a whole number or {dim} of them, one an axis"
        )
    return tuple(whole(name, n, minimum) for n in each)


def fits(name: str, number: int, bytes_each: int, given=None) -> int:
    """Return `number` of things to hold at once, or raise InputError if the memory is too small.

    given: what the message quotes where that is not the number itself.
    """
    most = memory() // bytes_each
    if number > most:
        raise InputError(
            f"{name}: got {shown(number if given is None else given)}, expected at most {most} in "
            f"all: more does not fit in the {memory() / 1e9:.3g} GB of this machine"
        )
    return number


def flag(name: str, value: bool) -> bool:
    """Return `value` as a bool, or raise InputError unless it is one: "no" would count as true."""
    if not isinstance(value, bool | np.bool_):
        raise InputError(f"{name}: got {value!r}, expected True or False")
    return bool(value)


@cache
def memory() -> int:
    """Bytes of memory that this process may use: of the machine, of its control group, or of the
    address space that the shell leaves it (ulimit -v)."""
    sizes = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    with contextlib.suppress(ImportError):
        import resource  # where there is one

        sizes.append(resource.getrlimit(resource.RLIMIT_AS)[0])
    for limit in CGROUP_LIMITS:
        try:
            sizes.append(int(limit.read_text()))
        except (OSError, ValueError):
            continue
    return min(size for size in sizes if size > 0)  # -1: no limit


def one_of(name: str, value: str, choices) -> str:
    """Return `value`, or raise InputError unless it is among `choices`."""
    if value not in list(choices):
        raise InputError(f"{name}: got {shown(value)}, expected {choice(value, choices)}")
    return value


def choice(value: str, choices) -> str:
    """What a name may be, in words: all choices, or those nearest to `value` where a line does not
    hold them."""
    names = list(map(str, choices))
    if len(listed := ", ".join(names)) <= MOST_LISTED:
        return f"one of {listed}"
    nearest = difflib.get_close_matches(str(value)[:MOST_LISTED], names, 3, 0.0)
    return f"one of {len(names)}, such as {'; '.join(nearest)}"


def log_weights(name: str, values, length: int) -> np.ndarray:
    """`values` as an array (length,) of finite numbers or -inf, a weight of zero, or raise
    InputError.
    """
    array = as_numbers(name, values, _shown((length,)))
    _require(
        name, array, (length,), np.isfinite(array) | (array == -np.inf), "finite numbers or -inf"
    )
    return array


def finite_array(name: str, values, shape: tuple[int | None, ...]) -> np.ndarray:
    """Return `values` as a float64 array of the given shape (None: any length), or raise
    InputError.
    """
    array = as_numbers(name, values, _shown(shape))
    _require(name, array, shape, np.isfinite(array), "finite numbers")
    return array


def within_range(name: str, values: np.ndarray, low: float, high: float) -> None:
    """Raise InputError unless all values are from `low` to `high`, up to rounding."""
    slack = 1e-9 * (high - low)
    beyond = (values < low - slack) | (values > high + slack)
    if beyond.any():
        first = int(np.argmax(beyond))
        raise InputError(
            f"{name}: {np.count_nonzero(beyond)} of {len(values)} are out of range, the first is "
            f"{values[first]:g} at index {first}; expected {low:g} to {high:g}"
        )


def distinct(name: str, values, least: int) -> tuple:
    """`values` as a tuple, or raise InputError unless there are at least so many, each once."""
    expected = f"at least {least}, each once, such as range({max(least, 10)})"
    try:
        given = tuple(values)
    except TypeError:
        raise InputError(f"{name}: got {shown(values)}, expected {expected}") from None
    if len(given) < least or any(value in given[:k] for k, value in enumerate(given)):
        raise InputError(f"{name}: got {shown(given)}, expected {expected}")
    return given


def function(name: str, value):
    """Return `value`, or raise InputError unless it can be called."""
    if not callable(value):
        raise InputError(f"{name}: got {shown(value)}, expected a function")
    return value


def _require(name, array, shape, good, expected):
    """Raise InputError unless an array has the shape and is `good` everywhere."""
    matches = array.ndim == len(shape) and all(
        want is None or have == want for have, want in zip(array.shape, shape, strict=True)
    )
    if not matches:
        raise InputError(f"{name}: got shape {array.shape}, expected {_shown(shape)}")
    if not good.all():
        first = tuple(int(k) for k in np.argwhere(~good)[0])
        raise InputError(
            f"{name}: {np.count_nonzero(~good)} of {array.size} entries are not finite, "
            f"the first is {array[first]} at index {first}; expected {expected}"
        )


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
        # astype would make a number of None: nan
        for index, v in np.ndenumerate(given):
            if v is None:
                place = f" at index {index}" if index else ""
                raise InputError(f"{name}: got None{place}, expected numbers of shape {expected}")
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
