"""What softmax attention converges to: the clock, the generator, its first bias and its sampling noise.

Sources are the sections of docs/theory.md named in each docstring. Nothing here knows the attention operator.
"""

from __future__ import annotations

import math

import numpy as np
import sympy as sp

from theory.checks import InputError, positive, real, whole
from theory.densities import Density
from theory.expressions import compile_array
from theory.manifolds import Manifold
from theory.pseudo_metrics import PowerLaw
from theory.quadrature import chart_quadrature

DRIFT_COEFFICIENT = 2.0


def clock(power_law: PowerLaw, dim: int, temperature: float) -> float:
    """tau(eps): the diffusion time that one application of attention advances ("The clock").

    For f ~ c r^a put h = (eps/c)^(1/a); then tau = m2 h^2/2 with m2 = Gamma((d+2)/a)/(d Gamma(d/a)).
    """
    dim, temperature = whole("dim", dim, 1), positive("temperature", temperature)
    a = power_law.exponent
    return _second_moment(a, dim) * (temperature / power_law.coefficient) ** (2 / a) / 2


def temperature_for(power_law: PowerLaw, dim: int, tau: float) -> float:
    """The temperature whose clock is `tau`: the inverse of `clock`."""
    dim, tau = whole("dim", dim, 1), positive("tau", tau)
    a = power_law.exponent
    return power_law.coefficient * (2 * tau / _second_moment(a, dim)) ** (a / 2)


def _second_moment(a, d):
    return math.exp(math.lgamma((d + 2) / a) - math.lgamma(d / a)) / d


def laplacian(manifold: Manifold, formula: str | sp.Expr) -> sp.Expr:
    """Laplacian_g H = (det g)^(-1/2) d_a ((det g)^(1/2) g^ab d_b H), as an expression in the chart symbols."""
    h, u = manifold.expression("features", formula), manifold.symbols
    root, inverse = manifold.volume_expression, manifold.inverse_metric_expression
    flux = [root * sum(inverse[a, b] * sp.diff(h, u[b]) for b in range(manifold.dim)) for a in range(manifold.dim)]
    return sum(sp.diff(flux[a], u[a]) for a in range(manifold.dim)) / root


def gradient_product(manifold: Manifold, first: str | sp.Expr, second: str | sp.Expr) -> sp.Expr:
    """<grad F, grad H>_g = g^ab d_a F d_b H, as an expression in the chart symbols."""
    f, h = manifold.expression("features", first), manifold.expression("features", second)
    u, inverse = manifold.symbols, manifold.inverse_metric_expression
    return sum(inverse[a, b] * sp.diff(f, u[a]) * sp.diff(h, u[b]) for a in range(manifold.dim) for b in range(manifold.dim))


def generator(density: Density, formula: str | sp.Expr, drift_coefficient: float = DRIFT_COEFFICIENT) -> sp.Expr:
    """L H = Laplacian_g H + 2 <grad log p, grad H>_g, the limit of (A - I)/tau ("Drift-diffusion limit").

    Another `drift_coefficient` gives the generator of another normalisation, or a control.
    """
    c = real("drift_coefficient", drift_coefficient)
    return laplacian(density.manifold, formula) + c * gradient_product(density.manifold, density.log_expression, formula)


def generator_terms(density: Density, formulas) -> tuple[np.ndarray, np.ndarray]:
    """Compile the two terms of L for several features.

    Returns a function u (n, d) -> (Laplacian_g H_k, <grad log p, grad H_k>_g), each of shape (n, c).
    """
    manifold, c = density.manifold, len(formulas)
    terms = [laplacian(manifold, f) for f in formulas]
    terms += [gradient_product(manifold, density.log_expression, f) for f in formulas]
    both = compile_array(manifold.symbols, terms, (2, c))

    def evaluate(u):
        values = both(u)
        return values[:, 0], values[:, 1]

    return evaluate


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


def squared_density_mean(density: Density, formula: str | sp.Expr, nodes: int = 128) -> float:
    """int H p^2 dV/int p^2 dV: the limit of the consensus value ("Consensus")."""
    u, w = chart_quadrature(density.manifold, nodes, density.support)
    p2 = w * density(u) ** 2
    return float(p2 @ density.manifold.function(formula)(u) / p2.sum())


def consensus_variance(density: Density, formula: str | sp.Expr, nodes: int = 128) -> float:
    """N Var[consensus value] as eps -> 0: 4 int (H-m)^2 p^3 dV/(int p^2 dV)^2 ("Consensus")."""
    u, w = chart_quadrature(density.manifold, nodes, density.support)
    p, h = density(u), density.manifold.function(formula)(u)
    m = squared_density_mean(density, formula, nodes)
    return float(4 * (w @ ((h - m) ** 2 * p**3)) / (w @ p**2) ** 2)
