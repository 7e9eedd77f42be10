"""Second-order operators in conservative form, C^-1 d_a(w g^ab d_b H), as sparse matrices on a grid."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from theory.checks import InputError, finite_array, real
from theory.densities import Density
from theory.pde.grid import Grid


@dataclass(frozen=True)
class Operator:
    """L as a CSR matrix (size, size), with the capacity C at the cell centres (size,), in units of chart volume."""

    grid: Grid
    matrix: sp.csr_matrix
    capacity: np.ndarray

    def total(self, values) -> np.ndarray:
        """The conserved integral of H C over the chart, by the midpoint rule; values (size,) or (size, c)."""
        return np.prod(self.grid.spacing) * (self.capacity @ values)

    @cached_property
    def obeys_maximum_principle(self) -> bool:
        """True if no off-diagonal entry is negative, which holds for diagonal metrics."""
        off_diagonal = self.matrix - sp.diags(self.matrix.diagonal())
        return bool(off_diagonal.data.min(initial=0.0) >= -1e-14 * np.abs(self.matrix.data).max())

    @cached_property
    def spectral_bound(self) -> float:
        """An upper bound of |eigenvalues|, by Gershgorin: the largest sum of absolute entries of a row."""
        return float(np.abs(self.matrix).sum(axis=1).max())


def conservative_operator(grid: Grid, weight, inverse_metric, capacity=None) -> Operator:
    """L H = C^-1 d_a(w g^ab d_b H) by finite volumes of order 2, without flux through walls and poles.

    weight: u (n, d) -> w (n,) > 0, for instance p^2 sqrt(det g). inverse_metric: u -> g^ab (n, d, d). capacity: u ->
    C (n,) > 0, by default the weight. All are read at face midpoints (w, g^ab) and centres (C, and w g^ab of mixed
    derivatives). Mixed fluxes are the mean over the two cells at a face of w g^ab times a central difference.
    The sum of C H is conserved by construction, up to rounding.
    """
    d, n = grid.manifold.dim, grid.size
    centre_weight = _positive("weight", weight, grid.points)
    volume = centre_weight if capacity is None else _positive("capacity", capacity, grid.points)
    mixed = finite_array("inverse_metric", inverse_metric(grid.points), (n, d, d))
    total = sp.csr_matrix((n, n))
    for a in range(d):
        here = np.flatnonzero(grid.neighbours(a, +1) >= 0)
        there = grid.neighbours(a, +1)[here]
        difference = _pairs(n, here, there, -1.0, 1.0) / grid.spacing[a]
        mean = _pairs(n, here, there, 0.5, 0.5)
        faces = grid.shifted(a)[here]
        along = _positive("weight", weight, faces) * inverse_metric(faces)[:, a, a]
        flux = sp.diags(along) @ difference
        for b in range(d):
            if b != a and np.abs(mixed[:, a, b]).max() > 1e-14 * np.abs(mixed).max():
                flux = flux + mean @ sp.diags(centre_weight * mixed[:, a, b]) @ _central_difference(grid, b)
        total = total - difference.T @ flux
    return Operator(grid, (sp.diags(1 / volume) @ total).tocsr(), volume)


def drift_diffusion_operator(grid: Grid, density: Density, drift_coefficient: float = 2.0) -> Operator:
    """L H = Laplacian_g H + c <grad log p, grad H>_g, as p^-c div(p^c grad H) (docs/theory.md, "Drift-diffusion limit")."""
    if density.manifold != grid.manifold:
        raise InputError(f"density: it lives on {density.manifold.name}, the grid on {grid.manifold.name}; expected the same")
    c, m = real("drift_coefficient", drift_coefficient), grid.manifold
    return conservative_operator(grid, lambda u: density(u) ** c * m.volume(u), m.inverse_metric)


def _positive(name, function, u):
    values = finite_array(name, function(u), (len(u),))
    if not (values > 0).all():
        worst = int(np.argmin(values))
        raise InputError(f"{name}: got {values[worst]:g} at u = {u[worst]}, expected a number > 0")
    return values


def _pairs(n, here, there, first, second):
    rows = np.arange(len(here))
    entries = np.concatenate([np.full(len(here), first), np.full(len(here), second)])
    return sp.csr_matrix((entries, (np.concatenate([rows, rows]), np.concatenate([here, there]))), shape=(len(here), n))


def _central_difference(grid, b):
    """d_b at the centres: central, through poles, and one-sided of order 2 at walls."""
    n, h, rows = grid.size, grid.spacing[b], np.arange(grid.size)
    up, down = grid.neighbours(b, +1, across_poles=True), grid.neighbours(b, -1, across_poles=True)
    inner = (up >= 0) & (down >= 0)
    triples = [(rows[inner], up[inner], 0.5), (rows[inner], down[inner], -0.5)]
    for missing, step, sign in ((down < 0, up, 1.0), (up < 0, down, -1.0)):
        first = step[missing]
        triples += [(rows[missing], rows[missing], -1.5 * sign), (rows[missing], first, 2.0 * sign), (rows[missing], step[first], -0.5 * sign)]
    i, j, v = (np.concatenate(part) for part in zip(*((r, c, np.full(len(r), x / h)) for r, c, x in triples), strict=True))
    return sp.csr_matrix((v, (i, j)), shape=(n, n))
