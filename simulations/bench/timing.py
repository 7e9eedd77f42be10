"""How speed is measured: two calls in turn, several times, so that a noisy machine is noisy for
both.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np


def timed(call: Callable) -> tuple[float, object]:
    """(seconds, result) of one call."""
    start = time.perf_counter()
    out = call()
    return time.perf_counter() - start, out


def least(call: Callable, repeats: int = 5) -> tuple[float, object]:
    """(least seconds, result) of some calls after a first one that may compile."""
    out = call()
    seconds = []
    for _ in range(repeats):
        s, out = timed(call)
        seconds.append(s)
    return min(seconds), out


def in_turn(ours: Callable, peer: Callable, repeats: int = 5, warm: bool = True) -> dict:
    """Both calls in turn: least seconds of each, the median of peer/ours with its range over the
    turns, and both results.
    """
    if warm:
        ours(), peer()
    pairs = []
    for _ in range(repeats):
        (a, mine), (b, theirs) = timed(ours), timed(peer)
        pairs.append((a, b))
    a, b = np.array(pairs).T
    ratios = b / a
    return {
        "ours": float(a.min()),
        "peer": float(b.min()),
        "ratio": float(np.median(ratios)),
        "ratio_low": float(ratios.min()),
        "ratio_high": float(ratios.max()),
        "results": (mine, theirs),
    }


def exponent(sizes, seconds) -> float:
    """The slope of log(seconds) on log(size)."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])
