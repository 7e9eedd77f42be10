"""Solve the drift-diffusion equation on a manifold, with an estimate of the error."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from theory.setting.checks import InputError, finite_array, one_of, positive
from theory.setting.densities import Density
from theory.pde import choice
from theory.pde.chebyshev import Growth, chebyshev
from theory.pde.grid import Grid
from theory.pde.krylov import shift_invert
from theory.pde.operators import Operator, drift_diffusion_operator
from theory.pde.schemes import SCHEMES
from theory.pde.stabilised import runge_kutta_legendre

_CELLS = {1: 1024, 2: 160, 3: 40}
_FINE_SHARE = 0.9  # of the work on two grids

# each with an error that it controls
INTEGRATORS = {"chebyshev": chebyshev, "shift-invert": shift_invert, "rkl2": runge_kutta_legendre}


def integrate(operator: Operator, initial, times, step: float, scheme: str = "tr-bdf2") -> np.ndarray:
    """H at the given increasing times >= 0 from H at time 0, shape (len(times), size) or (len(times), size, c).

    Each stretch between two times is cut into equal steps of at most `step`. Raises InputError on an unstable step.
    """
    scheme, step = SCHEMES[one_of("scheme", scheme, SCHEMES)], positive("step", step)
    times, h = _checked(operator, initial, times)
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


def integrate_to_tolerance(
    operator: Operator, initial, times, tolerance: float = 1e-6, scheme: str | None = None, progress=None
) -> np.ndarray:
    """Like `integrate`, with an error in time below `tolerance` times the range of each feature, at every time.

    scheme: "chebyshev", "shift-invert" or "rkl2"; by default the one that theory/pde/choice.py expects to be fastest.
    progress: called with the finished fraction of the work, rising to 1. Raises InputError if the tolerance cannot be met.
    """
    tolerance = positive("tolerance", tolerance)
    if scheme is not None:
        one_of("scheme", scheme, INTEGRATORS)
    times, h = _checked(operator, initial, times)
    columns = h.reshape(len(h), -1).T
    name = scheme or choice.fastest(operator, times, tolerance, len(columns))
    out, shared = np.empty((len(times), len(h), len(columns))), {}
    for k, column in enumerate(columns):
        share = progress and (lambda fraction, k=k: progress((k + fraction) / len(columns)))
        out[:, :, k] = _integrate_column(operator, np.ascontiguousarray(column), times, tolerance, name, scheme is None, share, shared)
    return out.reshape(len(times), *h.shape)


def _integrate_column(operator, h, times, tolerance, name, may_change, progress, shared):
    allowed = tolerance * float(np.ptp(h))
    if allowed == 0:
        return np.repeat(h[None], len(times), axis=0)
    names = [name]
    if may_change:
        # features far from smooth may be beyond shift-invert, tight tolerances beyond chebyshev
        names += [n for n in choice.expected_seconds(operator, times, tolerance) if n != name]
    failures = []
    for name in names:
        try:
            values = INTEGRATORS[name](operator, h, times, allowed, progress, shared)
        except InputError as failure:
            failures.append(failure)
            if may_change and isinstance(failure, Growth):
                names.append("rkl2")
        else:
            if progress:
                progress(1.0)
            return values
    raise failures[0]


def _checked(operator, initial, times):
    times = finite_array("times", times, (None,))
    if len(times) == 0 or (np.diff(times, prepend=0.0) < 0).any():
        raise InputError(f"times: got {times.tolist()}, expected increasing numbers >= 0")
    return times, finite_array("initial", initial, (operator.grid.size,) + (None,) * (np.ndim(initial) - 1))


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
    density: Density, initial, times, *, cells=None, drift_coefficient: float = 2.0, scheme: str | None = None,
    tolerance: float = 1e-6, progress=None,
) -> Solution:  # fmt: skip
    """Solve dH/dt = Laplacian_g H + c <grad log p, grad H>_g from H = initial (docs/theory.md, "Evolution").

    initial: a formula, or a function u (n, d) -> (n,). times: increasing, >= 0. cells: of the fine grid per axis (an
    int or d ints, multiples of 4). scheme, tolerance, progress: as of `integrate_to_tolerance`. Raises InputError on
    unusable input.
    """
    m = density.manifold
    function = initial if callable(initial) else m.function(initial)
    cells = default_cells(density) if cells is None else tuple(np.broadcast_to(cells, (m.dim,)).tolist())
    if any(n % 4 for n in cells):
        raise InputError(f"cells: got {cells}, expected multiples of 4: the error is estimated on half as many")
    times = tuple(finite_array("times", np.atleast_1d(times), (None,)).tolist())
    grids = [Grid(m, tuple(n // k for n in cells), density.support) for k in (1, 2)]
    values, finished = [], 0.0
    for grid, share in zip(grids, (_FINE_SHARE, 1 - _FINE_SHARE), strict=True):
        operator, part = drift_diffusion_operator(grid, density, drift_coefficient), None
        if progress:
            part = lambda fraction, low=finished, share=share: progress(low + share * fraction)  # noqa: E731
        values.append(integrate_to_tolerance(operator, grid.sample(function), times, tolerance, scheme, part))
        finished += share
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
