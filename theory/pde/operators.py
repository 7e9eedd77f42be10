"""Second-order operators in conservative form, C^-1 d_a(w g^ab d_b H), as coefficients on the faces
of a grid.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from theory.pde.grid import Grid
from theory.pde.stencil import Stencil
from theory.setting.checks import InputError, finite_array, real
from theory.setting.densities import Density
from theory.setting.pickling import WithoutCaches


@dataclass(frozen=True, eq=False)
class Operator(WithoutCaches):
    """L by finite volumes, with the capacity C at the cell centres (size,), in units of chart
    volume.

    faces (d, size): w g^aa / spacing^2 on the upper face of each cell along each axis, 0 where
    there is none. mixed: the part of C L that comes from g^ab with a != b, a sparse (size, size)
    matrix, or None.
    """

    grid: Grid
    capacity: np.ndarray
    faces: np.ndarray
    mixed: sp.csr_matrix | None = None

    def total(self, values) -> np.ndarray:
        """The conserved integral of H C over the chart, by the midpoint rule; values (size,) or
        (size, c).
        """
        return np.prod(self.grid.spacing) * (self.capacity @ values)

    def apply(self, values) -> np.ndarray:
        """L H without a matrix; values (size,)."""
        s = self.stencil
        return s.gather(s.apply(s.spread(finite_array("values", values, (self.grid.size,)))))

    @cached_property
    def stencil(self) -> Stencil:
        """What the compiled kernels read."""
        return Stencil.of(self)

    @cached_property
    def inflow_matrix(self) -> sp.csr_matrix:
        """C L, whose columns sum to zero."""
        n = self.grid.size
        total = sp.csr_matrix((n, n)) if self.mixed is None else self.mixed
        for axis, along in enumerate(self.faces):
            here = np.flatnonzero(along)
            difference = _pairs(n, here, self.grid.neighbours(axis, +1)[here], -1.0, 1.0)
            total = total - difference.T @ sp.diags(along[here]) @ difference
        return total.tocsr()

    @cached_property
    def matrix(self) -> sp.csr_matrix:
        """L, (size, size)."""
        return (sp.diags(1 / self.capacity) @ self.inflow_matrix).tocsr()

    @cached_property
    def diagonal(self) -> np.ndarray:
        """L_ii, (size,)."""
        if self.mixed is not None:
            return self.matrix.diagonal()
        total = np.zeros(self.grid.size)
        for axis, along in enumerate(self.faces):
            total += along + np.roll(along.reshape(self.grid.cells), 1, axis).ravel()
        return -total / self.capacity

    @cached_property
    def obeys_maximum_principle(self) -> bool:
        """True if no off-diagonal entry is negative, which holds for diagonal metrics."""
        if self.mixed is None:
            return True
        off_diagonal = self.matrix - sp.diags(self.diagonal)
        return bool(off_diagonal.data.min(initial=0.0) >= -1e-14 * np.abs(self.matrix).max())

    @cached_property
    def spectral_bound(self) -> float:
        """An upper bound of |eigenvalues|, by Gershgorin: the largest sum of absolute entries of a
        row.
        """
        if self.mixed is None:
            return float(-2 * self.diagonal.min())
        return float(np.abs(self.matrix).sum(axis=1).max())


def conservative_operator(grid: Grid, weight, inverse_metric, capacity=None) -> Operator:
    """L H = C^-1 d_a(w g^ab d_b H) by finite volumes of order 2, without flux through walls and
    poles.

    weight: u (n, d) -> w (n,) > 0, for instance p^2 sqrt(det g). inverse_metric: u -> g^ab (n, d,
    d). capacity: u -> C (n,) > 0, by default the weight. All are read at face midpoints (w, g^ab)
    and centres (C, and w g^ab of mixed derivatives). Mixed fluxes are the mean over the two cells
    at a face of w g^ab times a central difference. The sum of C H is conserved by construction, up
    to rounding.
    """
    d, n = grid.manifold.dim, grid.size
    centre_weight = _positive("weight", weight, grid.points)
    volume = centre_weight if capacity is None else _positive("capacity", capacity, grid.points)
    inverse = finite_array("inverse_metric", inverse_metric(grid.points), (n, d, d))
    coefficients, mixed = np.zeros((d, n)), None
    for a in range(d):
        here = np.flatnonzero(grid.neighbours(a, +1) >= 0)
        faces = grid.shifted(a)[here]
        coefficients[a, here] = (
            _positive("weight", weight, faces)
            * inverse_metric(faces)[:, a, a]
            / grid.spacing[a] ** 2
        )
        for b in range(d):
            if b != a and np.abs(inverse[:, a, b]).max() > 1e-14 * np.abs(inverse).max():
                there = grid.neighbours(a, +1)[here]
                mean = _pairs(n, here, there, 0.5, 0.5)
                difference = _pairs(n, here, there, -1.0, 1.0) / grid.spacing[a]
                part = (
                    difference.T
                    @ mean
                    @ sp.diags(centre_weight * inverse[:, a, b])
                    @ _central_difference(grid, b)
                )
                mixed = -part if mixed is None else mixed - part
    return Operator(grid, volume, coefficients, mixed)


def drift_diffusion_operator(
    grid: Grid, density: Density, drift_coefficient: float = 2.0
) -> Operator:
    """L H = Laplacian_g H + c <grad log p, grad H>_g, as p^-c div(p^c grad H) (docs/theory.md,
    "Drift-diffusion limit").
    """
    if density.manifold != grid.manifold:
        raise InputError(
            f"density: it lives on {density.manifold.name}, the grid on {grid.manifold.name}; "
            "expected the same"
        )
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
    return sp.csr_matrix(
        (entries, (np.concatenate([rows, rows]), np.concatenate([here, there]))),
        shape=(len(here), n),
    )


def _central_difference(grid, b):
    """d_b at the centres: central, through poles, and one-sided of order 2 at walls."""
    n, h, rows = grid.size, grid.spacing[b], np.arange(grid.size)
    up, down = grid.neighbours(b, +1, across_poles=True), grid.neighbours(b, -1, across_poles=True)
    inner = (up >= 0) & (down >= 0)
    triples = [(rows[inner], up[inner], 0.5), (rows[inner], down[inner], -0.5)]
    for missing, step, sign in ((down < 0, up, 1.0), (up < 0, down, -1.0)):
        first = step[missing]
        triples += [
            (rows[missing], rows[missing], -1.5 * sign),
            (rows[missing], first, 2.0 * sign),
            (rows[missing], step[first], -0.5 * sign),
        ]
    i, j, v = (
        np.concatenate(part)
        for part in zip(*((r, c, np.full(len(r), x / h)) for r, c, x in triples), strict=True)
    )
    return sp.csr_matrix((v, (i, j)), shape=(n, n))
