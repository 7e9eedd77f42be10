"""One step of attention of tokens in a Dask array: between machines go the modes alone."""

from __future__ import annotations

import numpy as np

from simulations.attention.sharded import LARGEST_DIMENSION, ShardedAttention
from simulations.machines import parts
from simulations.machines.files import write_rows
from simulations.machines.fold import blocks, each, fold, owners
from theory.setting.checks import InputError, positive, shown, whole


class DaskAttention:
    """Attention of tokens in a Dask array (N, m), m <= 3, cut into shards along its first axis.

    temperature, tolerance: of `ShardedAttention`, whose operator this is, on the workers of
    `client`. box: (low, high) of the points, found in one pass over them by default. Shards stay
    with the worker that holds them; those that nobody holds are dealt out evenly, in order, and
    read anew in every pass. Raises InputError on unusable input.
    """

    def __init__(self, client, points, temperature: float, tolerance: float = 1e-6, box=None):
        self.client, self.points = client, _array("points", points)
        if points.ndim != 2 or not 1 <= points.shape[1] <= LARGEST_DIMENSION:
            raise InputError(
                f"points: got shape {points.shape}, expected (N, m) with m up to {LARGEST_DIMENSION}"
            )
        self.places = owners(client, self.points)
        self._shards = blocks(self.points)
        if box is None:
            box = parts.box(*self._sum(_extent_step, _extent_add, self._shards))
        self.attention = ShardedAttention(*box, temperature, tolerance)
        self._degrees = None

    @property
    def shape(self) -> tuple[int, int]:
        return (self.points.shape[0],) * 2

    def apply(self, features, largest: float | None = None):
        """A H of a Dask array (N,) or (N, c) with the shards of the points; the same shards.

        The modes of H are summed at once, by every worker over its own shards first; each shard of
        A H is read when it is asked for. largest: the most that a |feature| may be, found in one
        pass over H by default; the error is at most tolerance times it.
        """
        h = self._features(features)
        if largest is None:
            largest = float(self.most(h).max(initial=0.0)) or 1.0
        largest = positive("largest", largest)
        shards = [
            (self.attention, x, v, largest) for x, v in zip(self._shards, blocks(h), strict=True)
        ]
        modes = fold(self.client, self.places, shards, _modes_step, np.add)
        return self._read(_read, h, modes, largest)

    def degrees(self):
        """The sums of the weights of the tokens, a Dask array (N,) with the same shards."""
        if self._degrees is None:
            shards = [(self.attention, x) for x in self._shards]
            modes = fold(self.client, self.places, shards, _weights_step, np.add)
            one = self.points[:, 0]
            self._degrees = self.keep(self._read(_read_degrees, one, modes, 1.0))
        return self._degrees

    def inner(self, left, right) -> np.ndarray:
        """<u, v> weighted by the degrees, in which A is symmetric: of (N, a), (N, b), (a, b)."""
        u, v = self._features(left), self._features(right)
        shards = zip(blocks(self.degrees()), blocks(u), blocks(v), strict=True)
        return np.asarray(self._sum(_inner_step, np.add, list(shards)))

    def most(self, features) -> np.ndarray:
        """The largest |value| of every column (c,); finite, or InputError."""
        return self._sum(_most_step, np.maximum, blocks(self._features(features)))

    def random(self, count: int, seed: int):
        """Normal numbers (N, count) with the shards of the points, the same wherever they are."""
        sizes = self.points.chunks[0]
        seeds = [[whole("seed", seed, 0), k] for k in range(len(sizes))]
        shards = [(s, n, count) for s, n in zip(seeds, sizes, strict=True)]
        return self._joined(each(self.client, self.places, shards, _normal), (count,))

    def keep(self, array):
        """The array computed and held, every shard by the worker of its points."""
        shards = [(block,) for block in blocks(array)]
        return self._joined(each(self.client, self.places, shards, _same), array.shape[1:])

    def write(self, features, out) -> None:
        """Write an array with the shards of the points into a float64 file that is there: every
        worker its own rows, in place."""
        starts = np.cumsum((0, *self.points.chunks[0])).tolist()
        shards = [(str(out), start, b) for start, b in zip(starts, blocks(features), strict=False)]
        self._sum(_write_step, _nothing, shards)

    def _sum(self, step, add, shards):
        """What a fold over the shards gives, here."""
        shards = [s if isinstance(s, tuple) else (s,) for s in shards]
        return self.client.compute(fold(self.client, self.places, shards, step, add)).result()

    def _features(self, features):
        h = _array("values", features)
        if h.ndim not in (1, 2) or h.chunks[0] != self.points.chunks[0]:
            raise InputError(
                f"values: got shape {h.shape} in shards {shown(h.chunks[0])}, expected (N,) or (N, c) "
                f"in those of the points, {shown(self.points.chunks[0])}"
            )
        return h.rechunk({1: -1}) if h.ndim == 2 else h

    def _read(self, read, h, modes, scale):
        """An array with the shape of h, whose shards are read from the modes."""
        from dask import delayed

        count = 1 if h.ndim == 1 else h.shape[1]
        task = delayed(read, pure=False)
        made = [task(self.attention, x, modes, count, scale, h.ndim) for x in self._shards]
        return self._joined(made, h.shape[1:])

    def _joined(self, shards, columns):
        """An array of shards as of the points, (n,) or (n, c) each."""
        import dask.array as da

        sizes = self.points.chunks[0]
        return da.concatenate(
            [
                da.from_delayed(shard, (n, *columns), np.float64)
                for shard, n in zip(shards, sizes, strict=True)
            ]
        )


def _array(name, given):
    """A Dask array of numbers of known size."""
    import dask.array as da

    if not isinstance(given, da.Array):
        raise InputError(
            f"{name}: got {type(given).__name__}, expected a Dask array, such as "
            "dask.array.from_array(x, chunks=(10**6, -1))"
        )
    if given.dtype.kind not in "fiu" or not all(n == n and n for n in given.shape):
        raise InputError(
            f"{name}: got {given.dtype} of shape {given.shape}, expected numbers of known size"
        )
    return given.astype(np.float64)


def _extent_step(total, x):
    return _extent_add(total, parts.extent_of(x)) if total is not None else parts.extent_of(x)


def _extent_add(one, other):
    return np.minimum(one[0], other[0]), np.maximum(one[1], other[1])


def _most_step(total, h):
    most = parts.most_of(h)
    return most if total is None else np.maximum(total, most)


def _modes_step(total, attention, x, h, scale):
    modes = parts.modes_of(attention, x, h, None, scale)
    return modes if total is None else total + modes


def _weights_step(total, attention, x):
    return _modes_step(total, attention, x, np.empty((len(x), 0)), 1.0)


def _read(attention, x, modes, count, scale, ndim):
    found = parts.read_of(attention, x, modes, count, scale)
    return found[:, 0] if ndim == 1 else found


def _read_degrees(attention, x, modes, _count, _scale, _ndim):
    return parts.degrees_of(attention, x, modes)


def _inner_step(total, weights, u, v):
    product = (weights[:, None] * u).T @ v
    return product if total is None else total + product


def _normal(seed, n, count):
    return np.random.default_rng(seed).standard_normal((n, count))


def _same(block):
    return block


def _write_step(_total, out, start, block):
    write_rows(out, start, block)
    return 0


def _nothing(*_):
    return 0
