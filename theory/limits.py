"""What softmax attention converges to: the generator, and its first bias on the circle.

Sources are the sections of docs/theory.md named in each docstring.
"""

from __future__ import annotations

import sympy as sp

from theory.setting.checks import InputError, real
from theory.setting.densities import Density
from theory.setting.geometry import generator_terms, gradient_product, laplacian

DRIFT_COEFFICIENT = 2.0


def generator(
    density: Density, formula: str | sp.Expr, drift_coefficient: float = DRIFT_COEFFICIENT
) -> sp.Expr:
    """L H = Laplacian_g H + 2 <grad log p, grad H>_g, the limit of (A - I)/tau.

    "Drift-diffusion limit". Another `drift_coefficient` gives the generator of another
    normalisation, or a rival.
    """
    c, m = real("drift_coefficient", drift_coefficient), density.manifold
    return laplacian(m, formula) + c * gradient_product(m, density.log_expression, formula)


def limit_of(density: Density, formulas, drift_coefficient: float = DRIFT_COEFFICIENT):
    """u -> L H of several features as a function of chart points (n, d), (n, c).

    `generator` of each, compiled: another `drift_coefficient` is another normalisation, or a rival.
    """
    terms, c = generator_terms(density, formulas), real("drift_coefficient", drift_coefficient)

    def limit(u):
        laplace, drift = terms(u)
        return laplace + c * drift

    return limit


def flat_bias(density: Density, formula: str | sp.Expr) -> sp.Expr:
    """B H in (A - I)H/eps = L H + eps B H + O(eps^2) for f = (arc)^2/4 on the unit circle.

    B H = [(p H)'''' - H p'''']/(2 p) - (p''/p) L H ("First-order bias").
    """
    manifold = density.manifold
    if manifold.name != "circle" or float(manifold.metric_expression[0]) != 1.0:
        raise InputError(f"bias: got the manifold {manifold.name}, expected circle(radius=1)")
    (t,), p = manifold.symbols, density.expression
    h = manifold.expression("features", formula)
    fourth = sp.diff(p * h, t, 4) - h * sp.diff(p, t, 4)
    return fourth / (2 * p) - sp.diff(p, t, 2) / p * generator(density, h)


def circle_bias(density: Density, formula: str | sp.Expr) -> sp.Expr:
    """(B + L) H, the same for f = |x - y|^2/4, the chord ("First-order bias")."""
    return flat_bias(density, formula) + generator(density, formula)
