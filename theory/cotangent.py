"""The Laplacian of a triangle mesh: piecewise linear functions, cotangent weights, lumped areas.

Delta H + c <grad log p, grad H> = p^-c div(p^c grad H) has the weak form of -M^-1 S, with S the
stiffness and M the lumped mass, both weighted by p^c: self-adjoint in M, constants fixed, and at a
boundary without flux (Pinkall and Polthier 1993; docs/theory.md, "Meshes").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh
from scipy.sparse import csc_array, diags_array
from scipy.sparse.linalg import eigsh, splu

from theory.setting.checks import InputError, finite_array, positive
from theory.setting.meshes.mesh import Mesh

MOST_VECTORS = 200  # of a Krylov space; a dozen or two do
SETTLED = 1e-9  # of the largest |H|: what two more vectors move a solution
SHIFT = 0.1  # of the largest time, in (M + shift S)^-1


def stiffness(mesh: Mesh, weights=None) -> csc_array:
    """S (n, n): H^T S G is the integral of w <grad H, grad G>, w (n,) linear on each triangle."""
    mean = 1.0 if weights is None else weights[mesh.triangles].mean(axis=1)
    n, t, s = len(mesh.vertices), mesh.triangles, mesh.sides
    rows, columns, values = [], [], []
    for k in range(3):
        i, j = (k + 1) % 3, (k + 2) % 3
        # half the cotangent of the angle at corner k, which its two sides enclose
        half = -(s[:, i] * s[:, j]).sum(axis=1) / (4 * mesh.areas) * mean
        for a, b, sign in ((i, j, -1), (j, i, -1), (i, i, 1), (j, j, 1)):
            rows.append(t[:, a])
            columns.append(t[:, b])
            values.append(sign * half)
    places = (np.concatenate(rows), np.concatenate(columns))
    return csc_array((np.concatenate(values), places), shape=(n, n))


def vertex_areas(mesh: Mesh) -> np.ndarray:
    """A third of the area of its triangles at each vertex, (n,): the integral of w is their sum."""
    return np.bincount(
        mesh.triangles.ravel(), np.repeat(mesh.areas / 3, 3), minlength=len(mesh.vertices)
    )


@dataclass(frozen=True, eq=False)
class MeshOperator:
    """-M^-1 S on a mesh: the equation dH/dt = p^-c div(p^c grad H), M (n,) diagonal."""

    stiffness: csc_array
    mass: np.ndarray

    def __call__(self, values) -> np.ndarray:
        """L H at the vertices, H (n,) or (n, c)."""
        return -(self.stiffness @ values) / (self.mass if values.ndim == 1 else self.mass[:, None])

    def eigenvalues(self, count: int) -> np.ndarray:
        """The smallest `count` eigenvalues of -L, 0 first."""
        root = 1 / np.sqrt(self.mass)
        symmetric = diags_array(root) @ self.stiffness @ diags_array(root)
        # a shift below 0, where nothing is singular
        largest = self.mass.sum()
        found = eigsh(csc_array(symmetric), k=count, sigma=-1 / largest, return_eigenvectors=False)
        return np.sort(found)

    def evolve(self, values, times) -> np.ndarray:
        """e^(tL) H at the vertices, (times, n), H (n,), by shift-invert Lanczos.

        The Krylov space of (M + shift S)^-1 M, orthogonal in M (van den Eshof and Hochbruck 2006),
        grows until no solution moves. Raises InputError where that takes too long.
        """
        h = finite_array("values", values, (len(self.mass),))
        times = finite_array("times", times, (None,))
        shift = SHIFT * positive("the largest time", times.max())
        solve = splu(csc_array(diags_array(self.mass) + shift * self.stiffness)).solve
        size = float(np.sqrt(self.mass @ h**2))
        if size == 0:
            return np.zeros((len(times), len(h)))
        basis, last = [h / size], None
        projected = np.zeros((MOST_VECTORS, MOST_VECTORS))
        for k in range(min(MOST_VECTORS, len(h)) - 1):
            w = solve(self.mass * basis[k])
            for _ in range(2):  # Gram-Schmidt, twice: rounding would spoil one sweep
                for j, v in enumerate(basis):
                    share = v @ (self.mass * w)
                    projected[j, k] += share
                    w = w - share * v
            norm = float(np.sqrt(self.mass @ w**2))
            if k % 2 or norm < 1e-13:
                found = self._solutions(projected[: k + 1, : k + 1], basis, size, times, shift)
                moved = np.inf if last is None else np.abs(found - last).max()
                if moved <= SETTLED * np.abs(h).max() or norm < 1e-13:
                    return found
                last = found
            projected[k + 1, k] = norm
            basis.append(w / norm)
        raise InputError(
            f"mesh: {MOST_VECTORS} vectors do not solve the equation, expected better triangles"
        )

    def _solutions(self, projected, basis, size, times, shift):
        values, vectors = eigh((projected + projected.T) / 2)
        # an eigenvalue 1/(1 + shift lambda) of rounding size stands for a large lambda
        rates = (1 / np.maximum(values, 1e-15) - 1) / shift
        factors = np.exp(-np.maximum(rates, 0.0) * np.asarray(times)[:, None])
        return size * ((factors * vectors[0]) @ vectors.T) @ np.array(basis)


def drift_diffusion(mesh: Mesh, density, drift: float) -> MeshOperator:
    """Laplacian + drift <grad log p, grad>, p (n,) > 0 at the vertices, linear between them."""
    p = finite_array("density", density, (len(mesh.vertices),))
    if not (p > 0).all():
        raise InputError(f"density: got {p.min():g} at a vertex, expected numbers > 0")
    weights = (p / p.max()) ** drift
    return MeshOperator(stiffness(mesh, weights), weights * vertex_areas(mesh))


def generator_moments(mesh: Mesh, density, tests, features) -> tuple[np.ndarray, np.ndarray]:
    """Integrals over the mesh, (tests, features) each: of p psi Laplacian H, in its weak form, and
    of psi <grad p, grad H>.

    density: p (n,), of integral 1; tests and features: psi and H at the vertices, (n, tests) and
    (n, features). The first is -int <grad(p psi), grad H>, p psi by the product rule.
    """
    s, corners = mesh.sides, mesh.triangles
    # gradients of linear functions: values at the corners times the heights, as sides turned by 90
    gram = np.einsum("mki,mli->mkl", s, s) / (4 * mesh.areas[:, None, None])
    # the weights of corners sum to zero, so constants have no gradient
    h, psi, p = features[corners], tests[corners], density[corners]
    p_h = np.einsum("mk,mkl,mlc->mc", p, gram, h)
    psi_h = np.einsum("mkt,mkl,mlc,m->tc", psi, gram, h, p.mean(axis=1), optimize=True)
    drift = np.einsum("mt,mc->tc", psi.mean(axis=1), p_h)
    return -psi_h - drift, drift
