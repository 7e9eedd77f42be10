"""Tokens (n, D) of an .npy file, checked before anything is computed of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from theory.setting.checks import InputError, count, finite_array, fits, shown, whole

LEAST, MOST = 50, 20_000  # tokens: every pair of them is looked at, at every temperature
MOST_EXTENT = 1e60  # of a coordinate: fourth powers stay finite
LEAST_EXTENT = 1e-30  # so that every temperature of the grid is one that attention takes
NEAR = 1e-12  # of the largest coordinate: rounding alone sets tokens so far apart


@dataclass(frozen=True)
class Points:
    """Distinct tokens (n, D), and how many there were in the file and how many of them coincide."""

    points: np.ndarray
    in_file: int
    coinciding: int


def read_points(path, n_tokens: int, seed: int) -> Points:
    """At most n_tokens of a file, chosen at random; raises InputError, one line, for any other file."""
    path = Path(path)
    count("n_tokens", n_tokens, LEAST, MOST)
    whole("seed", seed, 0)
    try:
        with path.open("rb") as handle:
            given = np.load(handle, allow_pickle=False)
    except OSError as error:
        raise InputError(f"points: {path} cannot be read ({error.strerror or error})") from None
    except (ValueError, EOFError, MemoryError):
        raise InputError(f"points: {path} is no .npy file of numbers") from None
    if not isinstance(given, np.ndarray):
        raise InputError(f"points: {path} is an archive, expected one array (.npy)")
    if given.ndim == 2:
        fits("points", given.size, 16)
    return chosen(given, n_tokens, seed)


def chosen(given, n_tokens: int, seed: int) -> Points:
    """The same of an array (n, D)."""
    x = finite_array("points", given, (None, None))
    if x.shape[1] < 1 or len(x) < LEAST:
        raise InputError(f"points: got shape {x.shape}, expected at least {LEAST} tokens (n, D)")
    size = float(np.abs(x).max())
    if not LEAST_EXTENT < size < MOST_EXTENT:
        raise InputError(
            f"points: the largest coordinate is {size:g}, expected one from {LEAST_EXTENT:g} to "
            f"{MOST_EXTENT:g}"
        )
    distinct = np.unique(x, axis=0)
    if len(distinct) < LEAST:
        raise InputError(
            f"points: {len(distinct)} of {shown(len(x))} differ, expected at least {LEAST}"
        )
    spread = np.sqrt(((distinct - distinct.mean(axis=0)) ** 2).sum(axis=1).mean())
    if not spread > NEAR * size:
        raise InputError(
            f"points: they lie within {spread:.3g} of each other about {size:.3g}, expected a cloud "
            "that float64 resolves: subtract their mean first"
        )
    rng = np.random.default_rng(seed)
    kept = rng.permutation(len(distinct))[:n_tokens]
    return Points(distinct[kept] - distinct[kept].mean(axis=0), len(x), len(x) - len(distinct))
