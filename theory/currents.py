"""Stationary density, current and entropy production of a diffusion with a force, L H = Laplacian H + 2 <grad log p + b, grad H>.

docs/theory.md, "Entropy production". Nothing here knows the attention operator.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
import sympy as sp

from theory.setting.checks import InputError, finite_array, whole
from theory.setting.densities import Density
from theory.setting.expressions import compile_array
from theory.setting.quadrature import chart_quadrature


@dataclass(frozen=True)
class StationaryState:
    """rho and J = 2 rho (grad log p + b) - grad rho on quadrature nodes ("Entropy production").

    coordinates (n, d) with weights (n,) of dV; density rho (n,), of integral 1; covectors current J_a, force b_a and
    density_slope d rho/du^a (n, d); inverse_metric (n, d, d).
    """

    coordinates: np.ndarray
    weights: np.ndarray
    density: np.ndarray
    current: np.ndarray
    force: np.ndarray
    inverse_metric: np.ndarray
    density_slope: np.ndarray

    @property
    def entropy_rate(self) -> float:
        """int |J|^2/rho dV: the limit of e/tau."""
        return float(self.weights @ (_squares(self.inverse_metric, self.current) / self.density))

    @property
    def entropy_bound(self) -> float:
        """int |2 b|^2 rho dV: no smaller than the entropy rate, and equal to it iff div(b rho) = 0."""
        return float(self.weights @ (4 * _squares(self.inverse_metric, self.force) * self.density))

    @property
    def current_without_spread(self) -> np.ndarray:
        """2 rho (grad log p + b), (n, d): J without its -grad rho, a control."""
        return self.current + self.density_slope

    def mean(self, values) -> float:
        """int H rho dV for values of H at the nodes, (n,)."""
        return float(self.weights @ (self.density * values))


def stationary_state(density: Density, force, degree: int = 9, tilt: sp.Expr | None = None, nodes: int | None = None) -> StationaryState:
    """Solve div(2 rho (grad log p + b)) = Laplacian rho on a closed manifold by a Galerkin method ("Entropy production").

    rho = q sum c_k psi_k with psi the polynomials in the ambient coordinates up to `degree`, tested against the same: spectrally
    accurate. force: b_a, a tuple of d expressions in the chart. tilt: a guess of log(rho), by default that without a force,
    2 log p; any smooth guess gives the same rho, a good one at a lower degree. nodes: of the quadrature, on each axis. Raises InputError on a manifold with boundary, and
    where rho is not positive or the degree too small to balance the current to 1e-4.
    """
    m, degree = density.manifold, whole("degree", degree, 1)
    if not m.closed:
        raise InputError(f"manifold: got {m.name}, expected a closed one: no stationary state is sought at a boundary")
    u, w = chart_quadrature(m, nodes or (4 * degree + 25 if m.dim > 1 else 40 * degree))
    inverse, guess = m.inverse_metric(u), 2 * density.log_expression if tilt is None else tilt
    log_q, log_slope = (compile_array(m.symbols, e, s)(u) for e, s in (([guess], ()), ([sp.diff(guess, x) for x in m.symbols], (m.dim,))))
    q = np.exp(log_q - log_q.max())
    b = compile_array(m.symbols, [sp.sympify(e) for e in force], (m.dim,))(u)
    drift = 2 * (density.log_gradient(u) + b)
    psi, slopes = _polynomials(m, u, degree, w)
    trial = q[:, None] * psi
    trial_slopes = q[:, None, None] * slopes + log_slope[:, None, :] * trial[:, :, None]
    flux = drift[:, None, :] * trial[:, :, None] - trial_slopes
    # the net current through every test function must vanish
    balance = np.tensordot(slopes, np.einsum("n,nab,nkb->nka", w, inverse, flux), axes=((0, 2), (0, 2)))
    c = np.linalg.svd(balance)[2][-1]
    c = c / (w @ (trial @ c))
    rho, current = trial @ c, flux.transpose(0, 2, 1) @ c
    # a few more polynomials than the solution was tested with
    more = _polynomials(m, u, degree + 2, w)[1]
    imbalance = np.abs(np.tensordot(more, np.einsum("n,nab,nb->na", w, inverse, current), axes=((0, 2), (0, 1)))).max()
    if not (rho.min() > 0 and imbalance < 1e-4):
        raise InputError(f"degree: got {degree}, which leaves an imbalance of {imbalance:.2g} and a density from {rho.min():.2g}; expected < 1e-4 and > 0: raise the degree")
    return StationaryState(u, w, rho, current, b, inverse, trial_slopes.transpose(0, 2, 1) @ c)


def rotation_entropy_rate(matrix) -> float:
    """4 int |K x|^2 rho dV = (4/3) |K|^2 (Frobenius), for uniform tokens on the unit sphere S^2 and K antisymmetric (3, 3) ("Entropy production").

    Raises InputError for a matrix that is not antisymmetric.
    """
    k = finite_array("matrix", matrix, (3, 3))
    if np.abs(k + k.T).max() > 1e-12 * np.abs(k).max():
        raise InputError(f"matrix: got one whose symmetric part reaches {np.abs(k + k.T).max() / 2:.2g}, expected an antisymmetric one")
    return float(4 / 3 * (k**2).sum())


def _polynomials(m, u, degree, w):
    """Polynomials in the ambient coordinates, orthonormal in L2(dV), and their chart partials: (n, k) and (n, k, d)."""
    x, jacobian = m.embed(u), m.jacobian(u)
    power = x ** np.arange(degree + 1)[:, None, None]
    slope = np.arange(degree + 1)[:, None, None] * np.concatenate([np.zeros((1, *x.shape)), power[:-1]])
    values, gradients, axes = [], [], range(m.ambient_dim)
    for total in range(degree + 1):
        for factors in combinations_with_replacement(axes, total):
            k = np.bincount(factors, minlength=m.ambient_dim) if total else np.zeros(m.ambient_dim, dtype=int)
            values.append(np.prod([power[k[a], :, a] for a in axes], axis=0))
            gradients.append(np.stack([np.prod([(slope if a == b else power)[k[a], :, a] for a in axes], axis=0) for b in axes], axis=1))
    value, gradient = np.stack(values, axis=1), np.stack(gradients, axis=1)
    # of the triangular factor alone: the same singular values, at a fraction of the cost
    _, size, right = np.linalg.svd(np.linalg.qr(np.sqrt(w)[:, None] * value, mode="r"))
    kept = size > 1e-10 * size[0]
    mix = right[kept].T / size[kept]
    return value @ mix, np.einsum("nkD,nDa,kj->nja", gradient, jacobian, mix, optimize=True)


def _squares(inverse, covector):
    return np.einsum("nab,na,nb->n", inverse, covector, covector)
