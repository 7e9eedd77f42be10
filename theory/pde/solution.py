"""Solve the drift-diffusion equation on a manifold, with an estimate of the error."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from theory.checks import InputError, finite_array, one_of, positive
from theory.densities import Density
from theory.pde.grid import Grid
from theory.pde.operators import Operator, drift_diffusion_operator
from theory.pde.schemes import SCHEMES

_CELLS = {1: 1024, 2: 160, 3: 40}
_FIRST_STEPS = 16
_MOST_STEPS = 2**14


def integrate(operator: Operator, initial, times, step: float, scheme: str = "tr-bdf2") -> np.ndarray:
    """H at the given increasing times >= 0 from H at time 0, shape (len(times), size) or (len(times), size, c).

    Each stretch between two times is cut into equal steps of at most `step`. Raises InputError on an unstable step.
    """
    scheme, step = SCHEMES[one_of("scheme", scheme, SCHEMES)], positive("step", step)
    times = finite_array("times", times, (None,))
    if len(times) == 0 or (np.diff(times, prepend=0.0) < 0).any():
        raise InputError(f"times: got {times.tolist()}, expected increasing numbers >= 0")
    h = np.asarray(initial, dtype=np.float64)
    h = finite_array("initial", h, (operator.grid.size,) + (None,) * (h.ndim - 1))
    scheme.check(operator, step)
    out, now, advance, made_for = [], 0.0, None, None
    for t in times:
        n = math.ceil((t - now) / step * (1 - 1e-12))
        dt = (t - now) / max(n, 1)
        # equal stretches share one stepper: an implicit one holds a factorisation
        if n and (made_for is None or abs(dt - made_for) > 1e-12 * dt):
            advance, made_for = scheme.stepper(operator, dt), dt
        for _ in range(n):
            h = advance(h)
        out.append(h)
        now = t
    return np.array(out)


def integrate_to_tolerance(operator: Operator, initial, times, tolerance: float = 1e-6, scheme: str | None = None) -> np.ndarray:
    """Like `integrate`, halving the step until the estimated error in time is below `tolerance` times the range of H.

    Returns the extrapolated values. By default an L-stable implicit scheme in one and two dimensions, and a stabilised
    explicit one in three, where factors of the matrix fill up. Raises InputError if the tolerance cannot be met.
    """
    tolerance = positive("tolerance", tolerance)
    name = scheme or ("rkl2" if operator.grid.manifold.dim == 3 else "tr-bdf2")
    chosen = SCHEMES[one_of("scheme", name, SCHEMES)]
    step = min(max(times) / _FIRST_STEPS, chosen.largest_step(operator))
    scale = max(float(np.ptp(initial)), 1e-300)
    coarse = integrate(operator, initial, times, step, name)
    while max(times) / step < _MOST_STEPS:
        step /= 2
        fine = integrate(operator, initial, times, step, name)
        correction = (fine - coarse) / (2**chosen.order - 1)
        if np.abs(correction).max() <= tolerance * scale:
            # extrapolation is linear in both, so the conserved sum stays
            return fine + correction
        coarse = fine
    raise InputError(f"tolerance: {tolerance:g} needs more than {_MOST_STEPS} steps of {name}, expected a larger one")


@dataclass(frozen=True)
class Solution:
    """H on a fine grid and on one half as fine, at the times (t,); values (t, size) each."""

    fine_grid: Grid
    coarse_grid: Grid
    times: tuple[float, ...]
    fine: np.ndarray
    coarse: np.ndarray

    def at(self, u) -> np.ndarray:
        """H at chart points u (n, d), extrapolated from the two grids, shape (t, n)."""
        return np.array([f + (f - c) / 3 for f, c in self._both(u)])

    def error(self, u) -> float:
        """Estimated largest error of the fine grid at chart points u: an upper estimate of that of `at`."""
        return max(float(np.abs(f - c).max()) / 3 for f, c in self._both(u))

    def _both(self, u):
        for f, c in zip(self.fine, self.coarse, strict=True):
            yield self.fine_grid.interpolate(f, u), self.coarse_grid.interpolate(c, u)


def evolve(
    density: Density, initial, times, *, cells=None, drift_coefficient: float = 2.0, scheme: str | None = None, tolerance: float = 1e-6
) -> Solution:
    """Solve dH/dt = Laplacian_g H + c <grad log p, grad H>_g from H = initial (docs/theory.md, "Evolution").

    initial: a formula, or a function u (n, d) -> (n,). times: increasing, >= 0. cells: of the fine grid per axis (an
    int or d ints, multiples of 4). Raises InputError on unusable input.
    """
    m = density.manifold
    function = initial if callable(initial) else m.function(initial)
    cells = default_cells(density) if cells is None else tuple(np.broadcast_to(cells, (m.dim,)).tolist())
    if any(n % 4 for n in cells):
        raise InputError(f"cells: got {cells}, expected multiples of 4: the error is estimated on half as many")
    times = tuple(float(t) for t in np.atleast_1d(times))
    grids = [Grid(m, tuple(n // k for n in cells), density.support) for k in (1, 2)]
    values = [
        integrate_to_tolerance(drift_diffusion_operator(grid, density, drift_coefficient), grid.sample(function), times, tolerance, scheme)
        for grid in grids
    ]
    return Solution(grids[0], grids[1], times, values[0], values[1])


def default_cells(density: Density) -> tuple[int, ...]:
    """Cells per axis in proportion to its largest length, so that cells are about square; multiples of 4."""
    m, n = density.manifold, _CELLS[density.manifold.dim]
    lines = [np.linspace(low, high, 19)[1:-1] for low, high in density.support]
    u = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, m.dim)
    g = m.metric(u)
    lengths = np.array([np.sqrt(g[:, k, k].max()) * (high - low) for k, (low, high) in enumerate(density.support)])
    relative = lengths / np.exp(np.log(lengths).mean())
    return tuple(max(16, 4 * round(n * r / 4)) for r in relative)
