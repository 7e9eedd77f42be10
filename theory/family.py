"""The family of drift-diffusion equations: e^(f T (Laplacian + c <grad log p, grad>)) H of (c, f).

Solved by finite differences at Chebyshev nodes of the drift coefficient c and of the factor f of the
time, and interpolated: the solution is analytic in both (docs/theory.md, "Evolution").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev

from theory.pde import evolve
from theory.pde.grid import square_cells
from theory.setting.checks import InputError
from theory.setting.densities import Density

DRIFTS, FACTORS = (-1.0, 5.0), (0.5, 1.5)
NODES = (9, 13, 19, 27)  # of each, until the last coefficients are below TAIL
TAIL = 1e-6  # of the range of H at time 0
CELLS = {1: 1024, 2: 100, 3: 40}  # an axis of the grid: errors of about 1e-6, 5e-6, 1e-4


@dataclass(frozen=True)
class Family:
    """Chebyshev coefficients (drifts, factors, n) of the solutions at n chart points u (n, d)."""

    u: np.ndarray
    coefficients: np.ndarray

    def __call__(self, parameters, u) -> np.ndarray:
        """The solution with (drift coefficient, factor of the time) at the points, (n, 1)."""
        if u is not self.u and not np.array_equal(u, self.u):
            raise InputError("family: got other points than those it was solved for")
        drift, factor = parameters
        rows = chebyshev.chebvander(_to_unit(drift, DRIFTS), self.coefficients.shape[0] - 1)
        columns = chebyshev.chebvander(_to_unit(factor, FACTORS), self.coefficients.shape[1] - 1)
        return np.tensordot(np.outer(rows, columns), self.coefficients, 2)[:, None]


def drift_family(p: Density, features: str, time: float, u) -> Family:
    """Every solution with a drift coefficient in DRIFTS and a time in FACTORS of T, at points u."""
    span = np.ptp(p.manifold.function(features)(u))
    for count in NODES:
        found = _solved(p, features, time, u, count)
        tail = max(np.abs(found[-2:]).max(), np.abs(found[:, -2:]).max())
        if tail <= TAIL * span:
            break
    return Family(np.asarray(u), found)


def _solved(p, features, time, u, count):
    """Chebyshev coefficients (count, count, n), by interpolation at Chebyshev nodes."""
    nodes = np.sort(np.cos(np.pi * (np.arange(count) + 0.5) / count))
    times = time * from_unit(nodes, FACTORS)
    cells = square_cells(p, CELLS[p.manifold.dim])
    solutions = [
        evolve(p, features, times, drift_coefficient=float(c), cells=cells).at(u)
        for c in from_unit(nodes, DRIFTS)
    ]
    inverse = np.linalg.inv(chebyshev.chebvander(nodes, count - 1))
    return np.einsum("ij,kl,jln->ikn", inverse, inverse, np.array(solutions))


def _to_unit(value, ends):
    return (2 * value - ends[0] - ends[1]) / (ends[1] - ends[0])


def from_unit(nodes, ends):
    return (ends[0] + ends[1] + nodes * (ends[1] - ends[0])) / 2
