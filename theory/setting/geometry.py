"""Geometry of the setting: the Laplacian and gradients of formulas on a manifold, as expressions in
the chart symbols.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import sympy as sp

from theory.setting.densities import Density
from theory.setting.expressions import compile_array
from theory.setting.manifolds import Manifold


def values_of(manifold: Manifold, formulas, u) -> np.ndarray:
    """Functions on M given by formulas, side by side, at chart points u (n, d): (n, c)."""
    return np.stack([manifold.function(f)(u) for f in formulas], axis=1)


def laplacian(manifold: Manifold, formula: str | sp.Expr) -> sp.Expr:
    """Laplacian_g H = (det g)^(-1/2) d_a ((det g)^(1/2) g^ab d_b H), in the chart symbols."""
    h, u = manifold.expression("features", formula), manifold.symbols
    inverse, axes = manifold.inverse_metric_expression, range(manifold.dim)
    second = sum(inverse[a, b] * sp.diff(h, u[a], u[b]) for a in axes for b in axes)
    return second + sum(c * sp.diff(h, u[b]) for b, c in enumerate(_divergence(manifold)))


@cache
def _divergence(manifold):
    """(det g)^(-1/2) d_a ((det g)^(1/2) g^ab), for each b: the same for every feature."""
    root, inverse, u = (
        manifold.volume_expression,
        manifold.inverse_metric_expression,
        manifold.symbols,
    )
    axes = range(manifold.dim)
    return [sum(sp.diff(root * inverse[a, b], u[a]) for a in axes) / root for b in axes]


def gradient_product(manifold: Manifold, first: str | sp.Expr, second: str | sp.Expr) -> sp.Expr:
    """<grad F, grad H>_g = g^ab d_a F d_b H, as an expression in the chart symbols."""
    f, h = manifold.expression("features", first), manifold.expression("features", second)
    u, inverse = manifold.symbols, manifold.inverse_metric_expression
    return sum(
        inverse[a, b] * sp.diff(f, u[a]) * sp.diff(h, u[b])
        for a in range(manifold.dim)
        for b in range(manifold.dim)
    )


def generator_terms(density: Density, formulas) -> tuple[np.ndarray, np.ndarray]:
    """Compile the two terms of L for several features.

    Returns a function u (n, d) -> (Laplacian_g H_k, <grad log p, grad H_k>_g), each of shape (n,
    c).
    """
    return _generator_terms(density, tuple(formulas))


@cache
def _generator_terms(density, formulas):
    manifold, c = density.manifold, len(formulas)
    terms = [laplacian(manifold, f) for f in formulas]
    terms += [gradient_product(manifold, density.log_expression, f) for f in formulas]
    both = compile_array(manifold.symbols, terms, (2, c))

    def evaluate(u):
        values = both(u)
        return values[:, 0], values[:, 1]

    return evaluate


def covector_product(manifold: Manifold, covector, formula: str | sp.Expr) -> sp.Expr:
    """<b, grad H>_g = g^ab b_a d_b H for a covector field b, d expressions in the chart symbols."""
    h, u = manifold.expression("features", formula), manifold.symbols
    inverse, axes = manifold.inverse_metric_expression, range(manifold.dim)
    return sum(inverse[a, c] * covector[a] * sp.diff(h, u[c]) for a in axes for c in axes)


def drift_terms(density: Density, covectors, formulas):
    """Compile the Laplacian, the drift up the density, and the drifts along covector fields.

    Returns a function u (n, d) -> [Laplacian_g H, <grad log p, grad H>, <b, grad H>, ...], each of
    shape (n, c), with one entry for each b of `covectors`.
    """
    m, c = density.manifold, len(formulas)
    terms = [laplacian(m, h) for h in formulas]
    terms += [gradient_product(m, density.log_expression, h) for h in formulas]
    terms += [covector_product(m, b, h) for b in covectors for h in formulas]
    every = compile_array(m.symbols, terms, (2 + len(covectors), c))
    return lambda u: list(np.moveaxis(every(u), 1, 0))
