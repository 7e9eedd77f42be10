"""The setting of the reference runs: the density of each manifold, and the features that are probed
on it.
"""

from __future__ import annotations

import numpy as np
import sympy as sp

from theory.setting.densities import Density, density
from theory.setting.manifolds import Manifold, manifold

# off every symmetry, with a contrast of about 3 to 5 between the densest and the sparsest place
REFERENCE_DENSITIES = {
    "circle": "exp(x/2 + y/4)",
    "torus": "exp(x/6 + y/12 + z/3)",
    "sphere": "exp(x/2 + z/2)",
    "line": "exp(-u**2/2)",
    "interval": "1 + u/2",
}
GENERIC_DENSITY = "exp(x1/2 + x2/4)"


def reference_density(manifold_spec: str | Manifold, density_spec: str = "reference") -> Density:
    """The density of an experiment: a formula, "uniform", or "reference" for the suite's own."""
    m = manifold(manifold_spec)
    if density_spec == "reference":
        density_spec = REFERENCE_DENSITIES.get(m.name, GENERIC_DENSITY)
    return density(m, density_spec)


def probe_features(m: Manifold) -> list[sp.Expr]:
    """Coordinate functions and second harmonics: products of two coordinates, differences of
    squares.
    """
    x = m.embedding
    squares = [x[k] ** 2 - x[k + 1] ** 2 for k in range(len(x) - 1)]
    return [*x, *(x[j] * x[k] for j in range(len(x)) for k in range(j)), *squares]


def scattered_probes(p: Density, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Chart points (count, d) all over a manifold, and their weights p dV (count,), of sum 1."""
    m = p.manifold
    u = scattered_points([(axis.low, axis.high) for axis in m.axes], count)
    mass = p(u) * m.volume(u)
    return u, mass / mass.sum()


def scattered_points(box, count: int) -> np.ndarray:
    """Chart points (count, d) in a box [(low, high), ...], off every symmetric position.

    The additive recurrence of low discrepancy whose steps are the powers of 1/g, g^(d+1) = g + 1.
    """
    d = len(box)
    g = 1.0
    for _ in range(60):
        g = (1 + g) ** (1 / (d + 1))
    steps = g ** -np.arange(1.0, d + 1)
    unit = (0.5 + np.arange(1, count + 1)[:, None] * steps) % 1.0
    low, high = np.array(box, dtype=np.float64).T
    return low + unit * (high - low)
