"""The setting of the reference runs: the density of each manifold, and the features that are probed on it."""

from __future__ import annotations

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
    """Coordinate functions and second harmonics: products of two coordinates, differences of squares."""
    x = m.embedding
    squares = [x[k] ** 2 - x[k + 1] ** 2 for k in range(len(x) - 1)]
    return [*x, *(x[j] * x[k] for j in range(len(x)) for k in range(j)), *squares]
