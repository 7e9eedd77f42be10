"""Solve the drift-diffusion equation on a manifold, with an estimate of the error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.pde import choice
from theory.pde.chebyshev import chebyshev
from theory.pde.grid import Grid, square_cells
from theory.pde.krylov import shift_invert
from theory.pde.operators import Operator, drift_diffusion_operator
from theory.setting.checks import InputError, finite_array, one_of, per_axis, positive
from theory.setting.densities import Density, require_density
from theory.setting.hypotheses import require_function

_CELLS = {1: 1024, 2: 160, 3: 40}  # of the fine grid along an axis of mean length
_FINE_SHARE = 0.9  # of the work on two grids

# each with an error that it controls
INTEGRATORS = {"chebyshev": chebyshev, "shift-invert": shift_invert}


def integrate_to_tolerance(
    operator: Operator,
    initial,
    times,
    tolerance: float = 1e-6,
    scheme: str | None = None,
    progress=None,
) -> np.ndarray:
    """exp(t L) H at the increasing times >= 0, (len(times), size) or (len(times), size, c).

    initial: H (size,) or (size, c). tolerance: of the error in time, at every time, relative to the
    range of each feature. scheme: "chebyshev" or "shift-invert", by default the one that
    theory/pde/choice.py expects to be fastest. progress: called with the finished fraction of the
    work, rising to 1. Raises InputError if the tolerance cannot be met.
    """
    tolerance = positive("tolerance", tolerance)
    if scheme is not None:
        one_of("scheme", scheme, INTEGRATORS)
    times, h = _checked(operator, initial, times)
    columns = h.reshape(len(h), -1).T
    schemes = [scheme] if scheme else choice.by_cost(operator, times, tolerance, len(columns))
    out, shared = np.empty((len(times), len(h), len(columns))), {}
    for k, column in enumerate(columns):
        share = progress and (lambda fraction, k=k: progress((k + fraction) / len(columns)))
        column = np.ascontiguousarray(column)
        out[:, :, k] = _column(operator, column, times, tolerance, schemes, share, shared)
    return out.reshape(len(times), *h.shape)


def _column(operator, h, times, tolerance, schemes, progress, shared):
    """One feature by the first of the schemes that can.

    Features far from smooth may be beyond shift-invert, tight tolerances and operators far from
    self-adjoint beyond the series.
    """
    allowed = tolerance * float(np.ptp(h))
    if allowed == 0:
        return np.repeat(h[None], len(times), axis=0)
    failures = []
    for name in schemes:
        try:
            values = INTEGRATORS[name](operator, h, times, allowed, progress, shared)
        except InputError as failure:
            failures.append(failure)
            continue
        if progress:
            progress(1.0)
        return values
    raise failures[0]


def _checked(operator, initial, times):
    times = finite_array("times", times, (None,))
    if len(times) == 0 or (np.diff(times, prepend=0.0) < 0).any():
        raise InputError(f"times: got {times.tolist()}, expected increasing numbers >= 0")
    shape = (operator.grid.size,) + (None,) * (np.ndim(initial) - 1)
    return times, finite_array("initial", initial, shape)


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
        """Estimated largest error of the fine grid at chart points u, above that of `at`."""
        return max(float(np.abs(f - c).max()) / 3 for f, c in self._both(u))

    def _both(self, u):
        for f, c in zip(self.fine, self.coarse, strict=True):
            yield self.fine_grid.interpolate(f, u), self.coarse_grid.interpolate(c, u)


def evolve(
    density: Density,
    initial,
    times,
    *,
    cells=None,
    drift_coefficient: float = 2.0,
    scheme: str | None = None,
    tolerance: float = 1e-6,
    progress=None,
) -> Solution:
    """Solve dH/dt = Laplacian_g H + c <grad log p, grad H>_g from H = initial.

    docs/theory.md, "Evolution". initial: a formula, or a function of chart points (n, d) that
    returns one value each, (n,). times: increasing, >= 0. cells: of the fine grid per axis (an int
    or d ints, multiples of 4). scheme, tolerance, progress: as of `integrate_to_tolerance`. Raises
    InputError on unusable input.
    """
    m = require_density(density).manifold
    if not callable(initial):
        # heat makes a kink smooth, but what has two values at a point is no function
        initial = m.function(require_function(m, "initial", initial, kinks=True))
    if cells is None:
        cells = square_cells(density, _CELLS[m.dim])
    cells = per_axis("cells", cells, m.dim, 4)
    if any(n % 4 for n in cells):
        raise InputError(
            f"cells: got {cells}, expected multiples of 4: the error is estimated on half as many"
        )
    times = tuple(finite_array("times", np.atleast_1d(times), (None,)).tolist())
    grids = [Grid(m, tuple(n // k for n in cells), density.support) for k in (1, 2)]
    shares = ((0.0, _FINE_SHARE), (_FINE_SHARE, 1.0))
    fine, coarse = (
        integrate_to_tolerance(
            drift_diffusion_operator(grid, density, drift_coefficient),
            grid.sample(initial),
            times,
            tolerance,
            scheme,
            progress and _part(progress, *share),
        )
        for grid, share in zip(grids, shares, strict=True)
    )
    return Solution(*grids, times, fine, coarse)


def _part(progress, start, end):
    return lambda fraction: progress(start + (end - start) * fraction)
