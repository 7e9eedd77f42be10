"""Numbers as tables show them."""

from __future__ import annotations

import math

from simulations.verdict import Check


def prediction(c: Check) -> str:
    """A predicted number as a table shows it: a bound with its sign."""
    return {"at least": ">= ", "identity": "~ ", "two-sided": ""}[c.kind] + f"{c.predicted:.5g}"


def measurement(c: Check) -> str:
    """A measured number and its interval, with as many digits as the interval deserves."""
    width = c.ci_high - c.ci_low
    digits = min(10, max(0, 1 - math.floor(math.log10(width)))) if 0 < width < math.inf else 6
    if c.kind == "identity":
        return f"{c.measured:.1e} (bound {width / 2:.0e})"
    return f"{c.measured:.{digits}f} [{c.ci_low:.{digits}f}, {c.ci_high:.{digits}f}]"
