"""Eigenvalues on quadrature nodes at one temperature, known to rounding."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.experiments.spectrum.limits import nodes_of
from simulations.observables.spectrum import leading_eigenpairs
from simulations.statistics.intervals import Interval, exact, rounding_of_sums
from simulations.store.quantities import Measurement, Number
from simulations.tokens import quadrature_tokens
from theory.claims import spectrum as claim
from theory.setting.densities import density
from theory.setting.manifolds import manifold
from theory.setting.pseudo_metrics import GAUSSIAN, dot_product


def exact_eigenvalues(parameters: claim.Parameters) -> Measurement:
    """Spheres under the dot product, the Clifford torus and the Gaussian line under GAUSSIAN."""
    rng = np.random.default_rng([parameters.seed, 0])
    quantities = {}
    for d, (spec, nodes) in claim.SPHERES.items():
        p = density(manifold(f"{spec}(radius={claim.RADIUS})"))
        tokens = quadrature_tokens(p, nodes)
        operator = AttentionOperator(tokens, dot_product(), claim.DOT_TEMPERATURE)
        place = claim.sphere_name(d)
        quantities |= eigenvalue_numbers(operator, place, claim.EXACT_SPHERES[d], rng)[0]
    tokens = quadrature_tokens(density(manifold("flat_torus")), claim.TORUS_NODES)
    operator = AttentionOperator(tokens, GAUSSIAN, parameters.temperature)
    quantities |= eigenvalue_numbers(operator, claim.TORUS, claim.EXACT_TORUS, rng)[0]
    return Measurement(quantities | gaussian_line(parameters, rng))


def eigenvalue_numbers(operator, place: str, indices, rng):
    """Numbers of the eigenvalues with these indices; all of them (k,); residuals; functions."""
    values, functions = leading_eigenpairs(operator, max(indices) + 2, rng)
    residuals = residual_norms(operator, values, functions)
    numbers = {
        claim.exact(place, k): Number(eigenvalue_interval(values[k], residuals[k], len(functions)))
        for k in indices
    }
    return numbers, values, residuals, functions


def residual_norms(operator, values, functions) -> np.ndarray:
    """|A phi - mu phi| in the stationary law, of eigenfunctions of norm 1 (n, k)."""
    pi = operator.stationary_law
    return np.sqrt(pi @ (operator @ functions - values * functions) ** 2)


def eigenvalue_interval(value: float, residual: float, n_terms: int) -> Interval:
    """An eigenvalue lies within the residual of its pair, where the operator is self-adjoint.

    Kahan (1967; Parlett 1998, theorem 4.5.1); the residual is itself known to rounding only.
    """
    bound = residual + rounding_of_sums(n_terms)
    return exact(value, bound, f"residual of the pair + rounding of sums of {n_terms} terms")


def gaussian_line(parameters: claim.Parameters, rng) -> dict[str, Number]:
    """Eigenvalues of Gaussian tokens, and what x^k has in common with the k-th eigenfunction."""
    degree = claim.HERMITE_DEGREE
    tokens = nodes_of(parameters.line_density(), parameters, parameters.temperature)
    operator = AttentionOperator(tokens, GAUSSIAN, parameters.temperature)
    numbers, values, residuals, functions = eigenvalue_numbers(
        operator, claim.LINE, claim.EXACT_LINE, rng
    )
    x, pi = tokens.points[:, 0], operator.stationary_law
    power = x**degree
    size, n = float(np.sqrt(pi @ power**2)), len(x)
    overlap = abs(float(pi @ (power * functions[:, degree])))
    # an eigenvector errs by at most its residual over the gap (Parlett 1998, theorem 11.7.1)
    gap = np.abs(np.delete(values, degree) - values[degree]).min()
    rounding = rounding_of_sums(n)
    bound = size * ((residuals[degree] + rounding) / gap + rounding)
    why = f"residual over gap, and rounding of sums of {n} terms"
    variance = float(pi @ x**2)
    return numbers | {
        claim.STATIONARY: Number(exact(variance, rounding * variance, f"sums of {n} terms")),
        claim.HERMITE: Number(exact(overlap, bound, why)),
    }
