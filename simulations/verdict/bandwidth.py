"""The plateau of temperatures of given tokens, beside what the regime map says of noise and bias.

Everything of the tokens is measured, and finished, before the law of the map is near it: `study` is
the record, in numbers that JSON takes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simulations.points.plateau import Plateau, nearest_dimensions, plateau_of
from simulations.points.reading import Points, chosen, read_points
from simulations.points.sums import Sums, kernel_sums
from simulations.statistics.intervals import CONFIDENCE
from simulations.store.files import write_json
from simulations.store.provenance import commit
from simulations.tokens import iid_tokens
from theory.regime import error_at
from theory.setting.checks import InputError
from theory.setting.references import reference_density

ERROR = 0.1  # of (A - I)H/eps, for which tokens are counted
RECORD = "bandwidth.json"


def tokens_of(points, manifold, density, n_tokens: int, seed: int) -> tuple[Points, str]:
    """The tokens of a file, or i.i.d. ones of a manifold, and what they are in words."""
    if (points is None) == (manifold is None):
        raise InputError("points: expected either a file (--points) or a manifold (--manifold)")
    if points is not None:
        if density is not None:
            raise InputError("density: got one beside a file, whose density is not known")
        return read_points(points, n_tokens, seed), str(points)
    p = reference_density(manifold, density or "reference")
    drawn = iid_tokens(p, n_tokens, np.random.default_rng(seed)).points
    return chosen(drawn, n_tokens, seed), f"{manifold}, d = {p.manifold.dim}, p = {p.formula}"


def measured(points: Points, progress=iter) -> tuple[Sums, Plateau, dict]:
    """Sums, plateau, and the estimates from nearest neighbours."""
    sums = kernel_sums(points.points, progress=progress)
    return sums, plateau_of(sums), nearest_dimensions(points.points)


def study(points: Points, name: str, progress=iter) -> dict:
    """All of it as a record."""
    sums, plateau, nearest = measured(points, progress)
    # where nothing is flat there is no dimension, and no place on the map
    placed = plateau.flat is not None
    errors = errors_of(sums, plateau) if placed else None
    return {
        "tokens": name,
        "n_tokens": len(points.points),
        "ambient_dim": int(points.points.shape[1]),
        "in_file": points.in_file,
        "coinciding": points.coinciding,
        "confidence": CONFIDENCE,
        "temperatures": sums.temperatures.tolist(),
        "with_own": plateau.with_own.tolist(),
        "dimension": [[i.value, i.low, i.high] for i in plateau.intervals],
        "published": plateau.published,
        "flat": plateau.flat,
        "plateau": [plateau.low, plateau.chosen, plateau.high],
        "nearest": {k: None if i is None else [i.value, i.low, i.high] for k, i in nearest.items()},
        "own": sums.own.tolist(),
        "neighbours": sums.neighbours.tolist(),
        "clocks": sums.clocks.tolist(),
        "errors": errors.tolist() if placed else None,
        "best": int(np.argmin(errors)) if placed else None,
        "times_as_many": times_as_many(sums, plateau) if placed else None,
        "commit": commit(),
    }


def errors_of(sums: Sums, plateau: Plateau) -> np.ndarray:
    """The relative error of (A - I)H/eps that uniform tokens of a sphere of this dimension would have
    with as many neighbours and as long a clock, (t,) ("Where the theory holds")."""
    clocks = np.maximum(sums.clocks, 1e-300)
    return np.minimum(error_at(sums.neighbours, clocks, plateau.dimension.value), 1e300)


def times_as_many(sums: Sums, plateau: Plateau) -> float | None:
    """By how many times more tokens that error would come down to ERROR at the best temperature."""
    d, c = plateau.dimension.value, sums.clocks
    cold = (c < 0.99 * ERROR) & (c > 0)
    if not cold.any():
        return None
    n = sums.neighbours[cold]
    needed = d / (2 * (d + 1) * n * c[cold] * (ERROR**2 - c[cold] ** 2))
    return float(needed.min())


def lines(record: dict) -> list[str]:
    """What is said of it in the terminal."""
    eps = record["temperatures"]
    low, middle, high = record["plateau"]
    published, best = record["published"], record["best"]
    said = [
        f"{record['tokens']}: {record['n_tokens']:,} tokens in R^{record['ambient_dim']}{_left_out(record)}"
    ]
    for key, interval in record["nearest"].items():
        told = (
            "none: neighbours are equally far, as on a grid"
            if interval is None
            else _interval(interval)
        )
        said.append(f"{f'dimension, {key}':<46} {told}")
    slope = (
        f"{f'maximum of the published slope: {eps[published]:.3g}':<46} dimension "
        f"{record['with_own'][published]:.3f} (curvature shifts it to warm)"
    )
    if record["flat"] is None:
        return [
            *said,
            f"{'plateau of temperatures':<46} none: nowhere does the kernel sum grow like a power",
            slope,
            f"{'place on the regime map':<46} none, as there is no dimension",
        ]
    first, last = record["flat"]
    run = f"dimension where it is constant, {eps[first]:.2g} to {eps[last]:.2g}"
    least = f"least error, by the regime map: {eps[best]:.3g}"
    seen = (
        "none: where space looks flat tokens see hardly any others; it takes more of them"
        if middle is None
        else f"{eps[low]:.3g} to {eps[high]:.3g}; chosen, its middle: {eps[middle]:.3g}"
    )
    return [
        *said,
        f"{run:<46} {_interval(record['dimension'][(first + last) // 2])}",
        f"{'plateau of temperatures':<46} {seen}",
        slope,
        f"{least:<46} {record['errors'][best]:.2g} of (A - I)H/eps (uniform tokens on a sphere, its "
        "second harmonics)",
        f"{'tokens for an error of 10 % by that map':<46} {_times(record['times_as_many'])}",
    ]


def _left_out(record):
    words = ""
    if record["coinciding"]:
        words += f", {record['coinciding']:,} that coincide with others left out"
    rest = record["in_file"] - record["coinciding"]
    if rest > record["n_tokens"]:
        words += f", a random part of {rest:,} (--n-tokens takes more)"
    return words


def _interval(three):
    value, low, high = three
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"


def _times(factor):
    if factor is None:
        return "not told: no temperature looked at is cold enough"
    return f"{factor:.3g} times as many" if factor > 1 else "there are enough"


def write(record: dict, root: Path) -> Path:
    """results/bandwidth.json, whole or not at all."""
    path = root / RECORD
    write_json(path, record)
    return path
