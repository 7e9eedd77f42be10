"""Rows as tables show them, with numbers as people write them: |x| ≤ 10⁻¹¹, 1 ± 1.5×10⁻⁷."""

from __future__ import annotations

import math

from simulations.verdict.rows import Row

RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
# a number is written with a power of ten from here on, and its interval as ± where it is so narrow
SMALL, LARGE = 1e-3, 1e6
NARROW = 1e-4
# sides of an interval that differ by less than this share are one
SYMMETRIC = 0.05


def number(x: float, digits: int = 5) -> str:
    """A number to so many significant digits, with a power of ten where it is small or large."""
    if x == 0 or not math.isfinite(x):
        return f"{x:g}"
    if SMALL <= abs(x) < LARGE:
        return f"{x:.{digits}g}" if abs(x) < 10**digits else f"{x:.0f}"
    mantissa, power = f"{x:.{digits - 1}e}".split("e")
    return times_ten(_short(mantissa), int(power))


def times_ten(mantissa: str, power: int) -> str:
    """mantissa×10ᵖ, without a mantissa of 1."""
    factor = {"1": "", "-1": "-"}.get(mantissa, f"{mantissa}×")
    return f"{factor}10{str(power).translate(RAISED)}"


def at_most(bound: float, digits: int = 2) -> str:
    """A positive bound, rounded up to so many significant digits."""
    if bound == 0 or not math.isfinite(bound):
        return f"{bound:g}"
    unit = 10.0 ** (math.floor(math.log10(bound)) - digits + 1)
    # a bound that has so few digits already stays, but for the rounding of a difference
    steps = math.ceil(bound / unit * (1 - 1e-6))
    return number(float(f"{steps * unit:.{digits - 1}e}"), digits)


def prediction(row: Row) -> str:
    """A predicted number as a table shows it: a bound with its sign."""
    sign = "≥ " if row.kind == "bound" else ""
    return f"{sign}{number(row.predicted)}"


def measurement(row: Row) -> str:
    """A measured number and its interval, with as many digits as the interval deserves.

    A zero to rounding is a bound of |x|; what is narrow is written with ±, the rest in brackets.
    """
    if row.kind == "identity" and row.predicted == 0:
        bound = max(abs(row.ci_low), abs(row.ci_high))
        return f"|x| ≤ {at_most(bound)}" if bound else "0"
    width = row.ci_high - row.ci_low
    if not 0 < width < math.inf:
        return f"{number(row.measured)} [{number(row.ci_low)}, {number(row.ci_high)}]"
    power = _power(row)
    scaled = [x / 10.0**power for x in (row.measured, row.ci_low, row.ci_high)]
    text = _narrow(*scaled) if width < 2 * NARROW * abs(row.measured) else _wide(*scaled)
    return f"({text})×10{str(power).translate(RAISED)}" if power else text


def resolution(row: Row) -> str:
    """The smallest relative error that the row would have refuted."""
    if row.predicted == 0 and row.kind == "identity":
        return at_most(row.resolution, 1)
    return f"{number(100 * row.resolution, 2)} %"


def rivals(row: Row) -> str:
    """The rivals, each with its value, and whether it is rejected."""
    parts = [
        f"{name} ({number(rival.value, 4)}): {'rejected' if rival.rejected else 'NOT REJECTED'}"
        for name, rival in row.rivals.items()
    ]
    return "; ".join(parts) or "none"


def nearest_rival(row: Row) -> str:
    """The rival nearest to the interval, in words; of wrong methods the first that is left."""
    if not row.rivals:
        return "none"
    name = nearest_rival_name(row)
    rival = row.rivals[name]
    return f"{name} ({number(rival.value, 4)}): {'rejected' if rival.rejected else 'NOT rejected'}"


def nearest_rival_name(row: Row) -> str:
    """The name of the rival nearest to the interval; those that are not rejected come first."""

    def distance(name):
        rival = row.rivals[name]
        return rival.rejected, max(row.ci_low - rival.value, rival.value - row.ci_high)

    return min(row.rivals, key=distance)


def as_text(rows) -> list[str]:
    """A table of rows for the terminal: one line a row, and why where it is not supported."""
    head = f"  {'quantity':<58} {'predicted':>11} {'measured, with its interval':>34}  resolves  verdict"
    lines = [head]
    for row in rows:
        lines.append(
            f"  {row.quantity:<58} {prediction(row):>11} {measurement(row):>34}"
            f"  {resolution(row):>8}  {row.verdict}" + (f": {row.reason}" if row.reason else "")
        )
    return lines


def _power(row):
    """The power of ten that a small or large number shares with its interval, else 0."""
    size = max(abs(row.measured), row.half_width)
    return 0 if SMALL <= size < LARGE else math.floor(math.log10(size))


def _wide(measured, low, high):
    digits = min(10, max(0, 1 - math.floor(math.log10(high - low))))
    # what rounds to zero has no sign
    shown = (f"{round(x, digits) + 0.0:.{digits}f}" for x in (measured, low, high))
    return "{} [{}, {}]".format(*shown)


def _narrow(measured, low, high):
    """The number to the second digit of its half-width, without zeros at its end."""
    above, below = high - measured, measured - low
    half = max(above, below)
    digits = min(15, max(0, 1 - math.floor(math.log10(half))))
    text = _short(f"{measured:.{digits}f}")
    if abs(above - below) <= SYMMETRIC * half:
        return f"{text} ± {at_most(half)}"
    return f"{text} +{at_most(above)} −{at_most(below)}"


def _short(decimal):
    """A decimal number without zeros at its end."""
    return decimal.rstrip("0").rstrip(".") if "." in decimal else decimal
