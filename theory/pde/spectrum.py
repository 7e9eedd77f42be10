"""Leading eigenvalues of L on any manifold: finite differences, extrapolated from two grids."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import eigsh

from theory.pde.grid import Grid, square_cells
from theory.pde.operators import Operator, drift_diffusion_operator
from theory.setting.checks import InputError, whole
from theory.setting.densities import Density

_CELLS = {1: 1024, 2: 128, 3: 16}  # of the fine grid along an axis of mean length
_SHIFT = 1.0  # beyond the spectrum: eigenvalues of -L are >= 0


def eigenvalues(density: Density, count: int, *, cells=None, drift_coefficient=2.0) -> np.ndarray:
    """The `count` smallest eigenvalues of -L, (count,), increasing; the first is 0.

    -L H = -Laplacian_g H - c <grad log p, grad H>_g is self-adjoint in L^2(p^c dV), on walls with
    dH/dn = 0. Each eigenvalue has an error of order 2 on a grid, which extrapolation from a grid
    and one half as fine takes out (not where two are so near that they change places from one grid
    to the other). cells: of the fine grid per axis, an int or d ints, multiples of 4, by default
    about square ones. Raises InputError on unusable input.
    """
    m, count = density.manifold, whole("count", count, 1)
    if cells is None:
        cells = square_cells(density, _CELLS[m.dim])
    cells = np.broadcast_to(cells, (m.dim,)).tolist()
    if any(n % 4 for n in cells):
        raise InputError(f"cells: got {cells}, expected multiples of 4: half as many are used too")
    fine, coarse = (
        operator_eigenvalues(
            drift_diffusion_operator(
                Grid(m, tuple(n // k for n in cells), density.support), density, drift_coefficient
            ),
            count,
        )
        for k in (1, 2)
    )
    return np.sort(fine + (fine - coarse) / 3)


def operator_eigenvalues(operator: Operator, count: int) -> np.ndarray:
    """The `count` smallest eigenvalues of -L on its grid, (count,), increasing."""
    if count > operator.grid.size // 2:
        raise InputError(
            f"count: got {count} eigenvalues on {operator.grid.size} cells, expected at most half"
        )
    # C^(-1/2) (-C L) C^(-1/2) is similar to -L, and symmetric but for mixed terms of the metric,
    # whose antisymmetric part is an error of order 2
    root = sp.diags(1 / np.sqrt(operator.capacity))
    scaled = -root @ operator.inflow_matrix @ root
    symmetric = ((scaled + scaled.T) / 2).tocsc()
    start = np.random.default_rng(0).standard_normal(operator.grid.size)
    values = eigsh(symmetric, k=count, sigma=-_SHIFT, v0=start, return_eigenvectors=False)
    return np.sort(values)
