"""The family of equations on a mesh: e^(f T (Laplacian + c <grad log p, grad>)) H of (c, f).

As theory/family.py on charts: solved at Chebyshev nodes of the drift coefficient c and of the factor
f of the time, and interpolated between them.
"""

from __future__ import annotations

import numpy as np
from numpy.polynomial import chebyshev

from theory.cotangent import drift_diffusion
from theory.family import DRIFTS, FACTORS, TAIL, Family, from_unit
from theory.setting.meshes.mesh import Mesh

NODES = (7, 11, 17, 25)  # of each, until the last coefficients are below TAIL


def mesh_family(mesh: Mesh, density, features, time: float, probes) -> Family:
    """Every solution with a drift coefficient in DRIFTS and a time in FACTORS of T, at the vertices
    `probes` (n,), which the family knows by their places in space.

    density and features: at the vertices, (n,) each.
    """
    span = np.ptp(features)
    for count in NODES:
        found = _solved(mesh, density, features, time, probes, count)
        tail = max(np.abs(found[-2:]).max(), np.abs(found[:, -2:]).max())
        if tail <= TAIL * span:
            break
    return Family(mesh.vertices[probes], found)


def _solved(mesh, density, features, time, probes, count):
    nodes = np.sort(np.cos(np.pi * (np.arange(count) + 0.5) / count))
    times = time * from_unit(nodes, FACTORS)
    solutions = [
        drift_diffusion(mesh, density, float(c)).evolve(features, times)[:, probes]
        for c in from_unit(nodes, DRIFTS)
    ]
    inverse = np.linalg.inv(chebyshev.chebvander(nodes, count - 1))
    return np.einsum("ij,kl,jln->ikn", inverse, inverse, np.array(solutions))
