"""Tokens on the triangles of a mesh: i.i.d. ones, and nodes that stand for infinitely many."""

from __future__ import annotations

import numpy as np

from theory.setting.checks import whole
from theory.setting.meshes.mesh import Mesh

# barycentric nodes (k, 3) and weights (k,) of sum 1: exact to degree 1, 2, 4 (Dunavant 1985)
_A, _B = 0.445948490915965, 0.091576213509771
_ACROSS = 2 / 3 * np.eye(3) + 1 / 6 * (1 - np.eye(3))
RULES = {
    1: (np.full((1, 3), 1 / 3), np.ones(1)),
    2: (_ACROSS, np.full(3, 1 / 3)),
    4: (
        np.array([[b if k == j else a for k in range(3)]
                  for a, b in ((_A, 1 - 2 * _A), (_B, 1 - 2 * _B)) for j in range(3)]),
        np.repeat([0.223381589678011, 0.109951743655322], 3),
    ),
}  # fmt: skip


def iid_on_triangles(mesh: Mesh, density, n: int, rng: np.random.Generator) -> np.ndarray:
    """n independent points (n, 3) of density p, (vertices,) > 0, linear on each triangle.

    A linear density on a triangle is a mixture over its corners of the barycentric coordinate of
    the corner, whose law is Dirichlet's with the exponents 2, 1, 1.
    """
    whole("n", n, 1)
    corners = density[mesh.triangles]
    mass = (mesh.areas[:, None] * corners).ravel()
    chosen = rng.choice(mass.size, size=n, p=mass / mass.sum())
    triangle, corner = np.divmod(chosen, 3)
    shares = rng.exponential(size=(n, 3))
    shares[np.arange(n), corner] += rng.exponential(size=n)
    shares /= shares.sum(axis=1, keepdims=True)
    return np.einsum("nk,nki->ni", shares, mesh.vertices[mesh.triangles[triangle]])


def nodes_on_triangles(mesh: Mesh, density, degree: int) -> tuple[np.ndarray, np.ndarray]:
    """Points (n, 3) and weights p dA (n,) of sum 1, of a rule of RULES on every triangle."""
    shares, weights = RULES[degree]
    points = np.einsum("kc,mci->mki", shares, mesh.vertices[mesh.triangles])
    p = np.einsum("kc,mc->mk", shares, density[mesh.triangles])
    mass = mesh.areas[:, None] * weights * p
    return points.reshape(-1, 3), mass.ravel() / mass.sum()
