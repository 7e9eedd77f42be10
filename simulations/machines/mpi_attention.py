"""One step of attention of tokens that processes started by MPI share: modes are summed by
Allreduce."""

from __future__ import annotations

import numpy as np

from simulations.attention.sharded import LARGEST_DIMENSION, SHARD, ShardedAttention
from simulations.machines import parts
from simulations.machines.cluster import require
from simulations.machines.files import slices
from theory.setting.checks import InputError, positive, whole


class MPIAttention:
    """Attention of tokens of which every process of `comm` has its own (n, m), m <= 3.

    points: an array, or what gives arrays when it is sliced (`simulations.machines.files.Rows`), at
    work `shard` at a time. All processes call every method together; what one refuses, all refuse
    with its InputError. The interface is that of `DaskAttention`, on the arrays of this process.
    """

    def __init__(
        self, comm, points, temperature: float, tolerance: float = 1e-6, box=None, shard=SHARD
    ):
        require("mpi4py")
        self.comm, self.points, self.shard = comm, points, shard
        self._degrees = None

        def own():
            if len(points.shape) != 2 or not 1 <= points.shape[1] <= LARGEST_DIMENSION:
                raise InputError(
                    f"points: got shape {points.shape}, expected (n, m) with m up to "
                    f"{LARGEST_DIMENSION}"
                )
            whole("shard", shard, 1)
            if not len(points):
                raise InputError("points: a process got none, expected at least one each")
            each = [parts.extent_of(points[a:b]) for a, b in self._slices()]
            return tuple(f([e[k] for e in each], axis=0) for k, f in enumerate((np.min, np.max)))

        low, high = self._together(own)
        self.comm.Allreduce(_in_place(), low, _operation("MIN"))
        self.comm.Allreduce(_in_place(), high, _operation("MAX"))
        low, high = parts.box(low, high) if box is None else box
        self.attention = ShardedAttention(low, high, temperature, tolerance)

    @property
    def shape(self) -> tuple[int, int]:
        """(N, N) of all processes together; every process has to ask."""
        return (self.comm.allreduce(len(self.points)),) * 2

    def apply(self, features, largest: float | None = None, out=None) -> np.ndarray:
        """A H of this process's features (n,) or (n, c), into `out` where it is given."""
        self._together(lambda: self._check(features))
        if largest is None:
            most = self.most(features)
            largest = float(most.max(initial=0.0)) or 1.0
        largest = positive("largest", largest)
        modes = self._modes(features, largest)
        out = np.empty(features.shape) if out is None else out
        count = 1 if len(features.shape) == 1 else features.shape[1]

        def read():
            for a, b in self._slices():
                found = parts.read_of(self.attention, self.points[a:b], modes, count, largest)
                out[a:b] = found[:, 0] if len(features.shape) == 1 else found

        self._together(read)
        return out

    def degrees(self) -> np.ndarray:
        """The sums of the weights of this process's tokens (n,)."""
        if self._degrees is None:
            modes = self._modes(np.empty((len(self.points), 0)), 1.0)
            self._degrees = self._together(
                lambda: np.concatenate(
                    [
                        parts.degrees_of(self.attention, self.points[a:b], modes)
                        for a, b in self._slices()
                    ]
                )
            )
        return self._degrees

    def inner(self, left, right) -> np.ndarray:
        """<u, v> weighted by the degrees, in which A is symmetric, over all processes."""
        product = (self.degrees()[:, None] * left).T @ right
        self.comm.Allreduce(_in_place(), product)
        return product

    def most(self, features) -> np.ndarray:
        """The largest |value| of every column (c,), over all processes; finite, or InputError."""
        slices_ = self._slices()
        found = self._together(
            lambda: np.max([parts.most_of(features[a:b]) for a, b in slices_], axis=0)
        )
        self.comm.Allreduce(_in_place(), found, _operation("MAX"))
        return found

    def random(self, count: int, seed: int) -> np.ndarray:
        """Normal numbers (n, count), others in every process."""
        rng = np.random.default_rng([whole("seed", seed, 0), self.comm.rank])
        return rng.standard_normal((len(self.points), count))

    @staticmethod
    def keep(array) -> np.ndarray:
        return array

    def _modes(self, features, scale):
        """The modes of all processes: the one line of transport."""

        def own():
            total = None
            for a, b in self._slices():
                modes = parts.modes_of(self.attention, self.points[a:b], features[a:b], None, scale)
                total = modes if total is None else np.add(total, modes, out=total)
            return total

        modes = self._together(own)
        self.comm.Allreduce(_in_place(), modes)
        return modes

    def _slices(self):
        return slices(len(self.points), self.shard)

    def _check(self, features):
        if len(features.shape) not in (1, 2) or len(features) != len(self.points):
            n = len(self.points)
            raise InputError(f"values: got shape {features.shape}, expected ({n},) or ({n}, c)")

    def _together(self, compute):
        """What compute() gives here, or the InputError of the first process that has one: a process
        that stopped alone would leave the others waiting."""
        return together(self.comm, compute)


def together(comm, compute):
    """compute() in every process; what one refuses, all refuse with its InputError."""
    try:
        found, refused = compute(), ""
    except InputError as error:
        found, refused = None, str(error) or "refused"
    if first := next(filter(None, comm.allgather(refused)), ""):
        raise InputError(first)
    return found


def _in_place():
    from mpi4py import MPI

    return MPI.IN_PLACE


def _operation(name):
    from mpi4py import MPI

    return getattr(MPI, name)
