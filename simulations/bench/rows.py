"""A row of the benchmark: seconds of both sides in turn, and the errors of both in the same run."""

from __future__ import annotations

import numpy as np

from simulations.bench.timing import in_turn, timed

REPEATS = 5  # turns of both sides
LONG_REPEATS = 3  # where a turn takes twenty seconds and more


def largest_error(result, truth) -> float:
    """Of the first rows, those whose truth (k, c) or (k,) is known."""
    return float(np.abs(np.asarray(result)[: len(truth)] - truth).max())


def compared(
    row, ours, make, truth, repeats=REPEATS, warm=True, setup=None, error=largest_error, share=1.0
) -> dict:
    """The row with both times (s), the ratio and both errors, or a note why there are none.

    make() gives the peer's call: ImportError where it is not installed. truth() gives what
    error(result, truth) compares with. setup (s) of ours, if `ours` leaves it out: then that of the
    peer is what `make` takes. share: of the work, what the peer's call does; its time is in
    proportion.
    """
    try:
        peer_setup, peer = timed(make)
        measured = in_turn(ours, peer, repeats, warm)
    except ImportError:
        return row | {"note": "not installed"}
    except Exception as failure:
        # a peer that breaks is a row that says so, not the end of the benchmark
        return row | {"note": f"failed: {type(failure).__name__}: {str(failure)[:120]}"}
    for key in ("peer", "ratio", "ratio_low", "ratio_high"):
        measured[key] /= share
    exact = truth()
    mine, theirs = (error(result, exact) for result in measured.pop("results"))
    row = row | measured | {"our_error": mine, "peer_error": theirs}
    if setup is None:
        return row
    paying = (peer_setup + row["peer"]) / (setup + row["ours"])
    return row | {"setup": setup, "peer_setup": peer_setup, "ratio with set-up": paying}
