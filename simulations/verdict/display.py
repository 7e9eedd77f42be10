"""Rows as tables show them."""

from __future__ import annotations

import math

from simulations.verdict.rows import Row


def prediction(row: Row) -> str:
    """A predicted number as a table shows it: a bound with its sign."""
    sign = {"bound": ">= ", "identity": "~ "}.get(row.kind, "")
    return f"{sign}{row.predicted:.5g}"


def measurement(row: Row) -> str:
    """A measured number and its interval, with as many digits as the interval deserves."""
    width = row.ci_high - row.ci_low
    if row.kind == "identity" and row.predicted == 0:
        return f"{row.measured:.1e} (bound {width / 2:.0e})"
    shown = 0 < width < math.inf
    digits = min(10, max(0, 1 - math.floor(math.log10(width)))) if shown else 6
    return f"{row.measured:.{digits}f} [{row.ci_low:.{digits}f}, {row.ci_high:.{digits}f}]"


def resolution(row: Row) -> str:
    """The smallest relative error that the row would have refuted."""
    if row.predicted == 0 and row.kind == "identity":
        return f"{row.resolution:.0e}"
    return f"{100 * row.resolution:.2g} %"


def rivals(row: Row) -> str:
    """The rivals, each with its value, and whether it is rejected."""
    parts = [
        f"{name} ({rival.value:.4g}): {'rejected' if rival.rejected else 'NOT REJECTED'}"
        for name, rival in row.rivals.items()
    ]
    return "; ".join(parts) or "none"


def nearest_rival(row: Row) -> str:
    """The rival nearest to the interval, in words; of wrong methods the first that is left."""
    if not row.rivals:
        return "none"

    def distance(item):
        _, rival = item
        return rival.rejected, max(row.ci_low - rival.value, rival.value - row.ci_high)

    name, rival = min(row.rivals.items(), key=distance)
    return f"{name} ({rival.value:.4g}): {'rejected' if rival.rejected else 'NOT rejected'}"


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
