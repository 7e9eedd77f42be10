"""Attention of tokens that come in shards: Gaussian weights in up to three dimensions, where what
the tokens give to the Fourier modes adds up.

Every shard is spread to the modes once and read back once, so nothing of a token stays in memory
but what its shard needs while it is at work, and between machines go the modes alone, whatever the
number of tokens (docs/theory.md, "Shards"). The attention is that of `AttentionOperator` with
`squared_distance()`: a_ij = w_j exp(-|x_i - y_j|^2/(4 temperature)), normalised by rows.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numba
import numpy as np

from simulations.attention.engines.gauss_transform import SMALLEST_ACCURACY, GaussGrid
from simulations.attention.engines.nufft import LARGEST_DIMENSION, RowErrors
from simulations.attention.engines.problem import TooLarge
from simulations.store.folders import check_writable
from theory.setting.checks import InputError, as_numbers, finite_array, positive, whole, within

MOST_EXTENT = 1e100  # of a coordinate
SHARD = 2**20  # tokens of a file that are at work at a time
EXPECTED = 1e7  # tokens, which decide how fine the grid is; any number may come
PROBES, SOURCES = 16, 512  # targets and sources at which the error of an entry is measured


@dataclass(frozen=True)
class ShardedAttention:
    """Attention of any number of tokens in the box from low (m,) to high (m,), m <= 3.

    temperature: eps of exp(-|x - y|^2/(4 eps)). tolerance: of `read`, relative to `largest`, the
    most that a |feature| may be; from 1e-12 to 0.1. Raises InputError on unusable numbers, and
    TooLarge where the modes would not fit.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    temperature: float
    tolerance: float = 1e-6
    largest: float = 1.0
    grid: GaussGrid = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        low, high = (finite_array(k, getattr(self, k), (None,)) for k in ("low", "high"))
        if len(low) != len(high) or not 1 <= len(low) <= LARGEST_DIMENSION:
            raise InputError(
                f"low, high: got {len(low)} and {len(high)} numbers, expected as many of each, 1 to "
                f"{LARGEST_DIMENSION}"
            )
        if not (low < high).all():
            raise InputError(f"low: got {low.tolist()}, expected less than high {high.tolist()}")
        if max(np.abs(low).max(), np.abs(high).max()) > MOST_EXTENT:
            raise InputError(
                f"low, high: got {low.tolist()} and {high.tolist()}, expected numbers up to "
                f"{MOST_EXTENT:g}"
            )
        positive("temperature", self.temperature)
        positive("largest", self.largest)
        within("tolerance", self.tolerance, 1e-12, 0.1)
        # of tokens that fill the box evenly this share would be within the kernel of each; what the
        # others add to the error, they add to nothing
        share = np.prod(np.minimum(1.0, np.sqrt(4 * np.pi * self.temperature) / (high - low)))
        accuracy = max(SMALLEST_ACCURACY, min(1e-2, self.tolerance * float(share) / 4))
        counts, threads = (EXPECTED, EXPECTED), numba.get_num_threads()
        try:
            grid = GaussGrid(low, high, self.temperature, accuracy, counts, threads)
        except TooLarge:
            raise TooLarge(
                f"temperature: got {self.temperature:g} for a box of {(high - low).tolist()}, whose "
                "modes do not fit, expected a higher one or a smaller box"
            ) from None
        object.__setattr__(self, "grid", grid)

    def partial_modes(self, points, values, weights=None) -> np.ndarray:
        """What a shard gives: modes (p, *grid.modes), complex, of 1 and its features, two a mode.

        points (n, m) in the box, values (n, c) or (n,), weights (n,) non-negative, by default 1.
        Modes of shards are added (`add`); they are the same for all shards of a set of tokens.
        """
        x = self._inside(points)
        h = self._features(values, len(x))
        w = np.ones(len(x)) if weights is None else finite_array("weights", weights, (len(x),))
        if (w < 0).any():
            raise InputError(f"weights: the smallest is {w.min():g}, expected none below 0")
        order, plan = self.grid.points(x)
        columns = np.column_stack([w, w[:, None] * (h / self.largest)])[order]
        return np.array([plan.execute(pair) for pair in _pairs(columns)])

    @staticmethod
    def add(parts: Iterable[np.ndarray]) -> np.ndarray:
        """The modes of several shards together."""
        total = None
        for part in parts:
            part = np.asarray(part, dtype=np.complex128)
            if total is not None and part.shape != total.shape:
                raise InputError(
                    f"modes: got shapes {total.shape} and {part.shape}, expected those of one "
                    "attention and one number of features"
                )
            total = part.copy() if total is None else np.add(total, part, out=total)
        if total is None:
            raise InputError("modes: got no shard, expected at least one")
        return total

    def read(self, points, modes, n_features: int) -> np.ndarray:
        """A H (n, c) at points (n, m), tokens or not, from the modes of all shards.

        Raises InputError where the tolerance cannot be kept: where a point has so few neighbours
        that the error of the modes is not small beside the sum of its weights.
        """
        sums = self.sums(points, modes, n_features)
        return self.largest * sums[:, 1:] / sums[:, :1]

    def sums(self, points, modes, n_features: int) -> np.ndarray:
        """What `read` divides: (n, 1 + c), the sums of the weights of points (n, m), and those of
        weights times features over `largest`. Raises InputError as `read` does.
        """
        x, c = self._inside(points), whole("n_features", n_features, 0)
        expected = ((c + 2) // 2, *self.grid.modes)
        modes = np.asarray(modes, dtype=np.complex128)
        if modes.shape != expected:
            raise InputError(f"modes: got shape {modes.shape}, expected {expected}")
        if not np.isfinite(modes).all():
            raise InputError("modes: some are not finite, expected numbers")
        order, plan = self.grid.points(x)
        sums = np.empty((len(x), 2 * len(modes)))
        for k, pair in enumerate(modes):
            found = plan.execute_adjoint(self.grid.damped(pair.copy()))
            sums[order, 2 * k], sums[order, 2 * k + 1] = found.real, found.imag
        self._require_neighbours(sums[:, 0], self.weight(modes))
        return sums[:, : 1 + c]

    def weight(self, modes) -> float:
        """The sum of the weights of all tokens: the mode of wave number zero."""
        return float(modes[0][tuple(n // 2 for n in self.grid.modes)].real)

    @cached_property
    def errors(self) -> RowErrors:
        """Of the sum of a point's weights, measured on entries exp(-|x - y|^2/(4 eps)) of the
        transform: near the point, and all over the box, for a total weight of 1.
        """
        rng = np.random.default_rng(0)
        low, high = np.array(self.low), np.array(self.high)
        x = rng.uniform(low, high, (PROBES, len(low)))
        near = (x + rng.normal(size=x.shape) * np.sqrt(2 * self.temperature)).clip(low, high)
        anywhere = rng.uniform(low, high, (SOURCES, len(low)))

        def error(y):
            exact = np.exp(-((x[:, None] - y) ** 2).sum(axis=2) / (4 * self.temperature))
            return np.abs(self.grid.entries(x, y) - exact)

        return RowErrors(
            2 * float(error(near).max()), 2 * float(error(anywhere).mean(axis=1).max())
        )

    def _require_neighbours(self, denominators, weight):
        bound = self.errors.near * denominators + self.errors.far * weight
        bad = ~((bound <= self.tolerance / 2 * denominators) & (denominators > 0))
        if bad.any():
            raise InputError(
                f"tolerance: {bad.sum()} of {len(bad)} points have too few neighbours at "
                f"temperature {self.temperature:g} for {self.tolerance:g}, expected a larger one, a "
                "higher temperature, or AttentionOperator, whose engines see points one by one"
            )

    def _inside(self, points):
        x = finite_array("points", points, (None, len(self.low)))
        if not len(x):
            raise InputError("points: got none, expected at least one")
        if (x < self.low).any() or (x > self.high).any():
            worst = x[np.argmax(((x < self.low) | (x > self.high)).any(axis=1))]
            raise InputError(
                f"points: got {worst.tolist()}, expected within {self.low} and {self.high}"
            )
        return x

    def _features(self, values, n):
        h = as_numbers("values", values, f"({n},) or ({n}, c)")
        h = finite_array("values", h[:, None] if h.ndim == 1 else h, (n, None))
        if np.abs(h).max(initial=0.0) > self.largest:
            raise InputError(
                f"values: the largest is {np.abs(h).max():g}, expected at most {self.largest:g}: "
                "give it as `largest`"
            )
        return h


def _pairs(columns) -> Iterator[np.ndarray]:
    """Columns (n, k) two by two as complex vectors (n,), the last with zeros where k is odd."""
    for k in range(0, columns.shape[1], 2):
        pair = np.zeros(len(columns), dtype=np.complex128)
        pair.real = columns[:, k]
        if k + 1 < columns.shape[1]:
            pair.imag = columns[:, k + 1]
        yield pair


def step_of_files(
    points: Path,
    values: Path,
    out: Path,
    temperature: float,
    tolerance: float = 1e-6,
    shard: int = SHARD,
    report=lambda done, total: None,
) -> None:
    """One step of attention of tokens that lie in files: A H is written to `out`, (n, c) or (n,).

    points (n, m) and values (n, c) or (n,) are float64 .npy files, read a shard at a time; `out` is
    there whole or not at all. report(done, total) is told of every shard, of two passes.
    """
    x, h, out = opened(points), opened(values), Path(out)
    check_writable("out", out.parent)
    if out.is_dir():
        raise InputError(f"out: got {out}, which is a folder, expected a file")
    if len(x) != len(h):
        raise InputError(f"values: got {len(h)} in {values}, expected {len(x)} as in {points}")
    parts = [slice(k, min(k + shard, len(x))) for k in range(0, len(x), whole("shard", shard, 1))]
    low, high, largest = _extent(x, h, parts)
    attention = ShardedAttention(low, high, temperature, tolerance, largest)
    total = 2 * len(parts)

    def spread():
        for done, part in enumerate(parts):
            yield attention.partial_modes(x[part], h[part])
            report(done + 1, total)

    modes = attention.add(spread())
    count = 1 if h.ndim == 1 else h.shape[1]
    unfinished = out.with_name(f"{out.name}.{os.getpid()}.part")
    try:
        found = np.lib.format.open_memmap(unfinished, "w+", np.float64, h.shape)
        for done, part in enumerate(parts):
            found[part] = attention.read(x[part], modes, count).reshape(h[part].shape)
            report(len(parts) + done + 1, total)
        found.flush()
        os.replace(unfinished, out)
    finally:
        unfinished.unlink(missing_ok=True)


def opened(path):
    """A float64 array in a .npy file, not read yet."""
    try:
        array = np.load(path, mmap_mode="r")
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"{path}: {error}, expected a .npy file of float64") from None
    if not isinstance(array, np.ndarray):
        raise InputError(f"{path}: several arrays, expected a .npy file of one")
    if array.dtype != np.float64 or array.ndim not in (1, 2) or not array.size:
        raise InputError(
            f"{path}: got {array.dtype} of shape {array.shape}, expected float64 (n, m) or (n,)"
        )
    return array


def _extent(x, h, parts):
    """low (m,), high (m,) and the largest |value|, over the shards."""
    if x.ndim != 2 or x.shape[1] > LARGEST_DIMENSION:
        raise InputError(
            f"points: got shape {x.shape}, expected (n, m) with m up to {LARGEST_DIMENSION}"
        )
    low = np.min([x[part].min(axis=0) for part in parts], axis=0)
    high = np.max([x[part].max(axis=0) for part in parts], axis=0)
    largest = max(float(np.abs(h[part]).max()) for part in parts)
    if not np.isfinite([*low, *high]).all():
        raise InputError("points: some are not finite, expected numbers")
    if not np.isfinite(largest):
        raise InputError("values: some are not finite, expected numbers")
    wide = np.where(high > low, high, low + 1.0 + np.abs(low))  # points on a line have a box too
    return tuple(low.tolist()), tuple(wide.tolist()), largest or 1.0
