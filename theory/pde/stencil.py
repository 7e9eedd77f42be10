"""The operator without its matrix: what the compiled kernels read, and vectors in their layout."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache

import numba
import numpy as np

from theory.pde import kernels

# cells from which a sweep is shared out to threads: one takes above a millisecond then, starting
# the others a tenth of one
SPLIT_FROM = 2**19


@dataclass(frozen=True)
class Stencil:
    """L as coefficients on faces, (d, padded), on a grid with one ghost cell at either end of each
    axis.

    The ghost cells make every axis close on itself, and one loop without exceptions runs over all
    cells; through walls and poles the coefficient is zero. A metric with mixed terms is kept as the
    sparse matrix C L instead, unpadded.
    """

    data: tuple
    inside: np.ndarray
    padded: int
    threads: int = 1

    @classmethod
    def of(cls, operator) -> Stencil:
        """Of a theory.pde.operators.Operator."""
        size = operator.grid.size
        threads = numba.get_num_threads() if size >= SPLIT_FROM else 1
        none, no_index = np.empty(0), np.empty(0, dtype=np.int32)
        if operator.mixed is not None:
            m = operator.inflow_matrix
            strides = np.zeros(operator.grid.manifold.dim, dtype=np.int64)
            data = (
                1 / operator.capacity,
                none.reshape(0, 0),
                strides,
                0,
                size,
                no_index,
                no_index,
                m.data,
                m.indices,
                m.indptr,
            )
            return cls(data, np.arange(size), size, threads)
        shape = tuple(n + 2 for n in operator.grid.cells)
        padded, d = int(np.prod(shape)), len(shape)
        index = np.arange(padded, dtype=np.int32).reshape(shape)
        inside = index[(slice(1, -1),) * d]
        # corners share no face with a cell
        ends = sum(
            ((k == 0) | (k == n - 1)).astype(int)
            for k, n in zip(np.indices(shape), shape, strict=True)
        )
        ghosts, sources = index[ends == 1], np.pad(inside, 1, mode="wrap")[ends == 1]
        inside = inside.ravel()
        inverse, faces = np.zeros(padded), np.zeros((d, padded))
        inverse[inside], faces[:, inside] = 1 / operator.capacity, operator.faces
        faces[:, ghosts] = faces[:, sources]
        strides = np.array([int(np.prod(shape[a + 1 :])) for a in range(d)])
        data = (
            inverse,
            faces,
            strides,
            int(inside[0]),
            int(inside[-1]) + 1,
            ghosts,
            sources,
            none,
            no_index,
            no_index,
        )
        return cls(data, inside, padded, threads)

    def spread(self, values: np.ndarray) -> np.ndarray:
        """Values (size,) in the layout of the kernels, (padded,), ghost cells filled."""
        out = np.zeros(self.padded)
        out[self.inside] = values
        kernels.close(self.data, out)
        return out

    def gather(self, x: np.ndarray) -> np.ndarray:
        """The values (..., size) of the cells."""
        return x[..., self.inside]

    def apply(self, x: np.ndarray) -> np.ndarray:
        """L x, both (padded,) and closed."""
        out = np.zeros(self.padded)
        self._sweep(kernels.apply, out, x, out)
        return out

    def chebyshev_terms(self, pair, change, step, done, older, newer, sums) -> None:
        """As the kernel of this name, at all cells."""
        for k, n in self._batches(len(older)):
            part = slice(k, k + n)
            self._sweep(
                kernels.chebyshev_terms,
                pair[(done + k + n) % 2],
                pair,
                change,
                step,
                done + k,
                older[part],
                newer[part],
                sums,
            )

    def _batches(self, n):
        """(first, number) of the stages that one call may make: all on one thread, else one, since
        all threads must have made it.
        """
        return [(0, n)] if self.threads == 1 else [(k, 1) for k in range(n)]

    def _sweep(self, kernel, result, *arguments):
        first, last = self.data[3], self.data[4]
        if self.threads == 1:
            kernel(self.data, first, last, *arguments)
            return
        cuts = [first + (last - first) * p // self.threads for p in range(self.threads + 1)]
        list(
            _pool(self.threads).map(
                lambda a, b: kernel(self.data, a, b, *arguments), cuts[:-1], cuts[1:]
            )
        )
        kernels.close(self.data, result)


@lru_cache
def _pool(threads):
    return ThreadPoolExecutor(threads)
