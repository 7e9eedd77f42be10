"""What softmax attention converges to: the generator, its first bias and its sampling noise.

Sources are the sections of docs/theory.md named in each docstring. Nothing here knows the attention operator.
"""

from __future__ import annotations

import math

import sympy as sp

from theory.setting.checks import InputError, positive, real, whole
from theory.setting.densities import Density
from theory.setting.geometry import gradient_product, laplacian

DRIFT_COEFFICIENT = 2.0


def generator(density: Density, formula: str | sp.Expr, drift_coefficient: float = DRIFT_COEFFICIENT) -> sp.Expr:
    """L H = Laplacian_g H + 2 <grad log p, grad H>_g, the limit of (A - I)/tau ("Drift-diffusion limit").

    Another `drift_coefficient` gives the generator of another normalisation, or a control.
    """
    c = real("drift_coefficient", drift_coefficient)
    return laplacian(density.manifold, formula) + c * gradient_product(density.manifold, density.log_expression, formula)


def circle_bias(density: Density, formula: str | sp.Expr) -> sp.Expr:
    """B' H in (A - I)H/eps = L H + eps B' H + O(eps^2) for f = |x-y|^2/4 (chord) on the unit circle ("First-order bias").

    B' = B + L, with B H = [(p H)'''' - H p'''']/(2 p) - (p''/p) L H the bias of the flat line, and L the chord's part.
    """
    manifold = density.manifold
    if manifold.name != "circle" or float(manifold.metric_expression[0]) != 1.0:
        raise InputError(f"circle_bias: got the manifold {manifold.name}, expected circle(radius=1)")
    (t,), p = manifold.symbols, density.expression
    h = manifold.expression("features", formula)
    limit = generator(density, h)
    flat = (sp.diff(p * h, t, 4) - h * sp.diff(p, t, 4)) / (2 * p) - sp.diff(p, t, 2) / p * limit
    return flat + limit


def noise_variance(density: Density, formula: str | sp.Expr, temperature: float, n_tokens: int):
    """Var[A H(x)] over samples of N i.i.d. tokens, as a function of chart points u (n, d) -> (n,) ("Sampling noise").

    eps |grad H|^2 (8 pi eps)^(-d/2)/(N p), for f = |x-y|^2/4; relative corrections are O(eps) and O(1/(N p eps^(d/2))).
    """
    eps, n = positive("temperature", temperature), whole("n_tokens", n_tokens, 2)
    squared_gradient = density.manifold.function(gradient_product(density.manifold, formula, formula))
    constant = eps * (8 * math.pi * eps) ** (-density.manifold.dim / 2) / n
    return lambda u: constant * squared_gradient(u) / density(u)


def finite_sample_clock(density: Density, u, temperature: float, n_tokens: int) -> np.ndarray:
    """Expected clock of N i.i.d. tokens over tau at chart points u, shape (n,) ("Finite samples").

    1 - s (1 - 2^(-d/2-1)) with s = 1/(N p (4 pi eps)^(d/2)), the inverse number of effective neighbours, to first
    order in s, for f = |x-y|^2/4 and the plain average over tokens.
    """
    eps, n, d = positive("temperature", temperature), whole("n_tokens", n_tokens, 2), density.manifold.dim
    s = 1 / (n * density(u) * (4 * math.pi * eps) ** (d / 2))
    return 1 - s * (1 - 2 ** (-d / 2 - 1))
