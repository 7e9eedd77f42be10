"""What several experiments share: the reference density and features of each manifold, and how a fit is made."""

from __future__ import annotations

import numpy as np
import sympy as sp

from simulations.attention import AttentionOperator
from simulations.observables import empirical_generator, fit_coefficients
from simulations.sampling import quadrature_tokens
from theory.checks import InputError, positive, whole
from theory.densities import Density, density
from theory.limits import clock, generator_terms
from theory.manifolds import Manifold, manifold
from theory.pseudo_metrics import squared_distance

GAUSSIAN = squared_distance(0.25)
MOST_LEVELS = 16
MOST_NODES = 60_000  # that attend to each other: more would take minutes a step

# off every symmetry, with a contrast of about 3 to 5 between the densest and the sparsest place
REFERENCE_DENSITIES = {
    "circle": "exp(x/2 + y/4)",
    "torus": "exp(x/6 + y/12 + z/3)",
    "sphere": "exp(x/2 + z/2)",
    "line": "exp(-u**2/2)",
    "interval": "1 + u/2",
}
GENERIC_DENSITY = "exp(x1/2 + x2/4)"


def reference_density(manifold_spec: str, density_spec: str = "reference") -> Density:
    """The density of an experiment: a formula, "uniform", or "reference" for this project's choice on the manifold."""
    m = manifold(manifold_spec)
    if density_spec == "reference":
        density_spec = REFERENCE_DENSITIES.get(m.name, GENERIC_DENSITY)
    return density(m, density_spec)


def probe_features(m: Manifold) -> list[sp.Expr]:
    """Coordinate functions and second harmonics (products of two coordinates, squares by their differences)."""
    x = m.embedding
    squares = [x[k] ** 2 - x[k + 1] ** 2 for k in range(len(x) - 1)]
    return [*x, *(x[j] * x[k] for j in range(len(x)) for k in range(j)), *squares]


def require_closed(m: Manifold, claim: str) -> Manifold:
    """Raise InputError unless `m` is closed, a hypothesis of the claim."""
    if not m.closed:
        raise InputError(f"manifold: got {m.name}, expected a closed one: the claim {claim!r} is false at a boundary")
    return m


def nodes_for(m: Manifold, temperature: float, limit: int = 400_000) -> tuple[int, ...]:
    """Quadrature nodes per axis that resolve a kernel of this temperature to rounding.

    The error of the trapezoidal rule on a Gaussian of standard deviation sigma = sqrt(2 eps) is about
    2 exp(-2 (pi sigma/h)^2) at spacing h, 4e-17 at h = sigma/1.4; Gauss-Legendre nodes are pi/2 times sparser in
    the middle, so 2.2 nodes a sigma are taken.
    Raises InputError if more than `limit` nodes would be needed.
    """
    sigma, lengths = _kernel_width(m, temperature)
    counts = tuple(max(24, 2 * int(np.ceil(1.1 * length / sigma))) for length in lengths)
    if np.prod(counts) > limit:
        raise InputError(
            f"temperature: got {temperature:g} on {m.name}, which needs {np.prod(counts)} quadrature nodes, "
            f"expected a temperature with at most {limit}"
        )
    return counts


def sparse_nodes(m: Manifold, temperature: float, limit: int = 400_000) -> tuple[int, ...]:
    """Like `nodes_for`, for an error of about 2 exp(-2 (1.05 pi)^2) = 7e-10: half as many nodes an axis and fewer, for d = 3."""
    sigma, lengths = _kernel_width(m, temperature)
    a_sigma = [1.05 if axis.kind == "periodic" else 1.65 for axis in m.axes]
    counts = tuple(max(12, int(np.ceil(n * length / sigma))) for n, length in zip(a_sigma, lengths, strict=True))
    if np.prod(counts) > limit:
        raise InputError(f"temperature: got {temperature:g} on {m.name}, which needs {np.prod(counts)} quadrature nodes, expected a temperature with at most {limit}")
    return counts


def _kernel_width(m, temperature):
    """The standard deviation sqrt(2 eps) of the kernel, and the largest metric length of each chart axis."""
    if m.dim > 3 or not all(np.isfinite([a.low, a.high]).all() for a in m.axes):
        raise InputError(f"manifold: got {m.name}, expected one with a bounded chart")
    line = [np.linspace(a.low, a.high, 27)[1:-1] for a in m.axes]
    u = np.stack(np.meshgrid(*line, indexing="ij"), axis=-1).reshape(-1, m.dim)
    g = m.metric(u)
    lengths = [np.sqrt(g[:, k, k].max()) * m.axes[k].length for k in range(m.dim)]
    sigma = np.sqrt(2 * positive("temperature", temperature))
    if sigma > max(lengths) / 4:
        raise InputError(
            f"temperature: got {temperature:g} on {m.name}, expected at most {max(lengths) ** 2 / 32:.3g}: beyond that a "
            f"token attends to all of the manifold, and no limit is near"
        )
    return sigma, lengths


def population_coefficients(p: Density, temperature: float) -> np.ndarray:
    """(clock ratio, drift coefficient) of the N -> infinity operator at this temperature, on quadrature nodes."""
    tokens = quadrature_tokens(p, nodes_for(p.manifold, temperature))
    return measured_coefficients(p, tokens, temperature, weights=tokens.weights)


def measured_coefficients(p: Density, tokens, temperature: float, weights=None, clock_factor=1.0) -> np.ndarray:
    """(clock ratio, drift coefficient) of attention on `tokens` with f = |x-y|^2/4.

    Least squares of (A - I)H/tau on [Laplacian H, <grad log p, grad H>] over all tokens and probe features.
    `clock_factor`, a number or (n,), is a predicted factor of the clock that the regressors take into account.
    """
    m = p.manifold
    features = probe_features(m)
    h = np.stack([m.function(f)(tokens.coordinates) for f in features], axis=1)
    operator = AttentionOperator(tokens, GAUSSIAN, temperature)
    response = empirical_generator(operator, h, clock(GAUSSIAN.power_law, m.dim, temperature))
    terms = generator_terms(p, features)(tokens.coordinates)
    factor = np.broadcast_to(clock_factor, len(h))[:, None]
    return fit_coefficients(response, [factor * term for term in terms], weights)


def require_varying(p: Density, claim: str) -> Density:
    """Raise InputError for a uniform density, whose drift cannot be measured."""
    if p.is_uniform:
        raise InputError(f"density: got a uniform one, expected one that varies: the claim {claim!r} measures the drift that it causes")
    return p


def check_manifolds(specs: tuple[str, ...]) -> tuple[str, ...]:
    """The manifolds of a study, each named once: results are kept by their names. Raises InputError otherwise."""
    if not specs or len(set(specs)) < len(specs):
        raise InputError(f"manifold: got {', '.join(specs) or 'none'}, expected one or more, each named once")
    return specs


def check_levels(name: str, value: int) -> int:
    """A number of levels of a convergence study, four to MOST_LEVELS."""
    if whole(name, value, 4) > MOST_LEVELS:
        raise InputError(f"{name}: got {value}, expected at most {MOST_LEVELS}: each halves the step")
    return value
