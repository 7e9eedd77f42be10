"""Rows whose peers take ten seconds a call and more, most on the sphere, where eigenvalues and
eigenfunctions are known in closed form: not part of a run of `make bench`, which keeps them.

    make bench ARGS="--large"              all of them, about twenty minutes
    make bench ARGS="--large pydiffmap"    one of them; each is kept as soon as it is measured
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterator

import numba
import numpy as np

from simulations.bench.rows import LONG_REPEATS, REPEATS, compared
from simulations.bench.samples import sphere_spectrum, spiral_points
from simulations.bench.spectrum_peers import (
    EPS,
    FAST_SUM,
    HARMONICS,
    RESIDUAL,
    all_eigenvalues_row,
    angle,
    diffusion_pairs_call,
    embedding_call,
    fastsum_call,
    harmonics,
    large_pairs,
    large_row,
    neighbour_temperature,
)
from theory.setting.checks import InputError

MANY = 100_000
# tolerance of the engine and of the residuals, at most the error of pydiffmap; residuals of 1e-2
# end with twice that error, and nothing lies between, since a block is added as a whole
EQUAL_ERROR = (1e-4, 4e-3)
DEGREES = slice(1, 1 + HARMONICS)


def eigenpair_rows(n: int = MANY, repeats: int = LONG_REPEATS) -> list[dict]:
    """pydiffmap's eigenpairs of degrees 1 and 2 beside ours, at our own tolerances and at those that
    its error allows.

    Errors are sines of the angle to the harmonics. Each side's eigenvalues are held against the
    ratios of Bessel functions at its own temperature: `our_rate_error` and `peer_rate_error` are
    the largest relative errors of 1 - mu.
    """
    x = spiral_points(n)
    return [
        eigenpair_row(x, "", (FAST_SUM, RESIDUAL), repeats),
        eigenpair_row(x, ", coarse", EQUAL_ERROR, repeats),
    ]


def eigenpair_row(x, what: str, tolerances, repeats: int) -> dict:
    row = {
        "group": "spectrum", "engine": "nufft", "problem": f"8 eigenpairs, N = {len(x)}, R^3{what}",
        "peer_name": "pydiffmap, 64 neighbours",
    }  # fmt: skip
    temperatures = {"ours": EPS, "peer": neighbour_temperature(len(x))}
    rates = {}

    def ours():
        values, functions = large_pairs(x, *tolerances)
        return "ours", values[DEGREES], functions[:, DEGREES]

    def peer():
        call = diffusion_pairs_call(x)
        return lambda: ("peer", *call())

    def error(result, span):
        who, values, functions = result
        exact = sphere_spectrum(2 * temperatures[who], 1 + HARMONICS)[DEGREES]
        rates[who] = float(np.abs((values - exact) / (1 - exact)).max())
        return angle(functions, span)

    row = compared(row, ours, peer, lambda: harmonics(x), repeats, warm=False, error=error)
    return row | {f"{'our' if who == 'ours' else who}_rate_error": e for who, e in rates.items()}


def _fastsum(n, repeats):
    name = "eigsh on pyNFFT3 FASTSUM"
    return large_row("10 eigenvalues", spiral_points(n), name, fastsum_call, repeats)


def _embedding():
    name = "sklearn SpectralEmbedding"
    return large_row("8 eigenfunctions", spiral_points(MANY), name, embedding_call, REPEATS)


STUDIES = {
    "pydiffmap": eigenpair_rows,
    "embedding": lambda: [_embedding()],
    "eigh": lambda: [all_eigenvalues_row()],
    "fastsum": lambda: [_fastsum(MANY, LONG_REPEATS)],
    "fastsum-million": lambda: [_fastsum(10 * MANY, LONG_REPEATS)],
}


def large_rows(name: str = "all") -> Iterator[list[dict]]:
    """The rows of a study, or of one after the other, each with the date and the machine."""
    check_study(name)
    large_pairs(spiral_points(2000))  # compiles
    for study in STUDIES if name == "all" else [name]:
        load = os.getloadavg()[0]
        rows = STUDIES[study]()
        circumstances = {
            "finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "processors": os.cpu_count(),
            "threads": numba.get_num_threads(),
            "machine": platform.machine(),
            "load": load,
        }
        yield [row | circumstances for row in rows]


def check_study(name: str) -> None:
    """Raise InputError for a name that is none."""
    if name != "all" and name not in STUDIES:
        raise InputError(f"--large: got {name!r}, expected all or one of {', '.join(STUDIES)}")


def merged(kept: list[dict], rows: list[dict]) -> list[dict]:
    """The kept rows, those of the same problem and peer replaced, new ones at the end. A peer that
    is missing or broke replaces nothing."""
    new = {_key(row): row for row in rows}
    known = {_key(row) for row in kept}
    replaced = [new[_key(row)] if "peer" in new.get(_key(row), {}) else row for row in kept]
    return replaced + [row for key, row in new.items() if key not in known]


def _key(row):
    return row["engine"], row["problem"], row["peer_name"]
