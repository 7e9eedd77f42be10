"""Tokens in float64 .npy files, read a shard at a time: a file is mapped for as long as one shard
is copied out of it, so that what a process holds does not grow with the file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simulations.attention.sharded import SHARD, opened
from simulations.store.folders import check_writable
from theory.setting.checks import InputError, whole


@dataclass(frozen=True)
class Rows:
    """Rows start to stop of a .npy file, read when they are sliced."""

    path: Path
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self), *opened(self.path).shape[1:])

    def __getitem__(self, part: slice) -> np.ndarray:
        start, stop, _ = part.indices(len(self))
        return rows(self.path, self.start + start, self.start + stop)

    def __setitem__(self, part: slice, values: np.ndarray) -> None:
        start, _, _ = part.indices(len(self))
        write_rows(self.path, self.start + start, values)


def rows(path, start: int, stop: int) -> np.ndarray:
    """Rows of a .npy file as an array of its own."""
    return np.array(np.load(path, mmap_mode="r")[start:stop])


def write_rows(path, start: int, values: np.ndarray) -> None:
    """Put rows into a float64 .npy file that is there."""
    file = np.load(path, mmap_mode="r")
    row = 8 * int(np.prod(file.shape[1:]))
    if len(values) + start > len(file) or values.shape[1:] != file.shape[1:]:
        raise InputError(f"{path}: got rows {values.shape} from {start} on for {file.shape}")
    # written, not mapped: a mapped file goes to disk whole whenever it is flushed
    with open(path, "r+b") as handle:
        handle.seek(file.offset + start * row)
        handle.write(np.ascontiguousarray(values, dtype=np.float64).tobytes())


def dask_array(path, shard: int = SHARD):
    """A .npy file as a Dask array with so many rows a shard, read by whoever works on a shard.

    Every worker has to see the file under this path.
    """
    import dask.array as da
    from dask import delayed

    whole("shard", shard, 1)
    path, array = Path(path).resolve(), opened(path)
    read = delayed(rows, pure=False)
    blocks = [
        da.from_delayed(read(path, a, b), (b - a, *array.shape[1:]), np.float64)
        for a, b in slices(len(array), shard)
    ]
    return da.concatenate(blocks)


def slices(count: int, shard: int) -> list[tuple[int, int]]:
    """Where shards begin and end."""
    return [(a, min(a + shard, count)) for a in range(0, count, shard)]


def check_step(points, values, out) -> tuple[int, ...]:
    """The shape of what a step of files writes; raises InputError on files that cannot be used."""
    x, h, out = opened(points), opened(values), Path(out)
    if out.is_dir():
        raise InputError(f"out: got {out}, which is a folder, expected a file")
    # values may be replaced by the next ones, and points that are values
    if out.exists() and os.path.samefile(out, points) and not os.path.samefile(out, values):
        raise InputError(f"out: got {out}, the points themselves, expected another file")
    check_writable("out", out.parent)
    if len(x) != len(h):
        raise InputError(f"values: got {len(h)} in {values}, expected {len(x)} as in {points}")
    return h.shape


def unfinished_of(out) -> Path:
    """The file that becomes `out` when it is whole."""
    return Path(out).resolve().with_name(f"{Path(out).name}.part")


@contextmanager
def whole_file(out, shape: tuple[int, ...]) -> Iterator[Path]:
    """A float64 .npy file to be filled in the block; it is `out` afterwards, or it is gone."""
    path = unfinished_of(out)
    try:
        np.lib.format.open_memmap(path, "w+", np.float64, shape).flush()
        yield path
        os.replace(path, out)
    finally:
        path.unlink(missing_ok=True)
