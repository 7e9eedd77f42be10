"""Predictions of the claim `spectrum`."""

from __future__ import annotations

import numpy as np

from theory.claims import spectrum as claim
from theory.exact import (
    clifford_torus_eigenvalues,
    gaussian_line_decay,
    gaussian_line_stationary_variance,
    sphere_eigenvalues,
    sphere_laplacian_eigenvalues,
    sphere_multiplicities,
)
from theory.predictions import Prediction, Value, off_by_tenth
from theory.spectrum import curve_spectrum, population_spectrum

DEGREES = 4
ALPHA_HALF = "alpha = 1/2, of drift 1"  # the rival at a temperature: another operator


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """Limits, eigenvalues at the temperature of the samples, multiplicities, closed forms."""
    return (
        leading_means(parameters)
        | sampled_curve(parameters)
        | limits(parameters)
        | closed_forms(parameters)
        | gaussian_line(parameters)
    )


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """Eigenvalues of -L with their multiplicities, and (1 - mu)/tau at the samples' temperature."""
    eps = parameters.temperature
    mu = repeated(2, sphere_eigenvalues(2, 1.0, 2 * eps, DEGREES))
    of_curve = population_spectrum(parameters.curve_density(), eps, max(claim.LEADING_CURVE) + 1)
    return {
        "sphere": repeated(2, sphere_laplacian_eigenvalues(2, 1.0, DEGREES))[1:],
        "sphere at eps": (1 - mu[1:]) / eps,
        "curve": curve_spectrum(parameters.curve_density(), max(claim.LEADING_CURVE) + 1)[0][1:],
        "curve at eps": (1 - of_curve[1:]) / eps,
    }


def repeated(dim: int, values) -> np.ndarray:
    """Values of the degrees 0, 1, ... on S^d, each as often as its multiplicity."""
    return np.repeat(values, sphere_multiplicities(dim, len(values)))


def leading_means(parameters) -> dict[str, Prediction]:
    """Means of the first eigenvalues l(l+1) of the sphere, and their multiplicities."""
    values = repeated(2, sphere_laplacian_eigenvalues(2, 1.0, DEGREES))[1:]
    squares = repeated(2, np.arange(DEGREES) ** 2)[1:]
    pairs = np.repeat([2.0, 6.0, 12.0, 20.0, 30.0, 42.0, 56.0, 72.0], 2)
    found = {}
    for k in claim.LEADING:
        mean = float(values[:k].mean())
        rivals = {"l^2": squares[:k].mean(), "multiplicity 2 for every l": pairs[:k].mean()}
        found[claim.leading(k)] = Value(mean, off_by_tenth(mean, **rivals))
    for level, size in enumerate(sphere_multiplicities(2, claim.GROUPS - 1)[1:], 1):
        rivals = {
            "multiplicity 2 for every l": 2.0,
            "one more": size + 1.0,
            "one fewer": size - 1.0,
        }
        found[claim.group_size(level)] = Value(float(size), rivals, "at size")
    return found


def sampled_curve(parameters) -> dict[str, Prediction]:
    """Eigenvalues at N = infinity and the temperature of the samples, any density on the circle."""
    eps, p, most = parameters.temperature, parameters.curve_density(), max(claim.LEADING_CURVE)
    at_eps = curves(parameters)["curve at eps"]
    drift_1 = (1 - population_spectrum(p, eps, most + 1, alpha=0.5)[1:]) / eps
    found = {}
    for count in claim.LEADING_CURVE:
        value, wrong = float(at_eps[:count].mean()), float(drift_1[:count].mean())
        rivals = off_by_tenth(value) | {ALPHA_HALF: wrong}
        found[claim.curve_mean(count)] = Value(value, rivals, "at size")
    return found


def limits(parameters) -> dict[str, Prediction]:
    """Eigenvalues of -L, by their index, the constant not counted."""
    p, last = parameters.curve_density(), max(claim.LIMITS_CURVE)
    of_curve, drift_1 = (curve_spectrum(p, last + 1, power)[0] for power in (2.0, 1.0))
    circle = repeated(1, sphere_laplacian_eigenvalues(1, 1.0, DEGREES))
    found = {}
    for k in claim.LIMITS_CIRCLE:
        found[claim.limit(claim.CIRCLE, k)] = Value(circle[k], off_by_tenth(circle[k]))
    for k in claim.LIMITS_LINE:
        value = 2 * k / parameters.deviation**2
        # the Ornstein-Uhlenbeck process with stationary law p, not p^2
        rivals = off_by_tenth(value) | {"drift 1": value / 2}
        found[claim.limit(claim.LINE, k)] = Value(value, rivals)
    for k in claim.LIMITS_CURVE:
        value = float(of_curve[k])
        rivals = off_by_tenth(value) | {"drift 1": float(drift_1[k])}
        found[claim.limit(claim.CURVE, k)] = Value(value, rivals)
    return found


def closed_forms(parameters) -> dict[str, Prediction]:
    """Ratios of Bessel functions, each as often as its multiplicity."""
    found = {}
    for d, indices in claim.EXACT_SPHERES.items():
        mu, unit = (
            repeated(d, sphere_eigenvalues(d, radius, claim.DOT_TEMPERATURE, DEGREES))
            for radius in (claim.RADIUS, 1.0)
        )
        for k in indices:
            rivals = {"the radius left out": float(unit[k])}
            found[claim.exact(claim.sphere_name(d), k)] = Value(float(mu[k]), rivals, "identity")
    mu, warmer = (
        np.repeat(*clifford_torus_eigenvalues(eps, DEGREES))
        for eps in (parameters.temperature, 1.03 * parameters.temperature)
    )
    for k in claim.EXACT_TORUS:
        rivals = {"temperature 3 % more": float(warmer[k])}
        found[claim.exact(claim.TORUS, k)] = Value(float(mu[k]), rivals, "identity")
    return found


def gaussian_line(parameters) -> dict[str, Prediction]:
    """mu_k = rho^k, and the Hermite polynomials of the stationary law as eigenfunctions."""
    s, eps, degree = parameters.deviation, parameters.temperature, claim.HERMITE_DEGREE
    rho, wrong = gaussian_line_decay(s, eps), gaussian_line_decay(s, eps / 2)
    found = {
        claim.exact(claim.LINE, k): Value(rho**k, {"rho = s^2/(s^2 + eps)": wrong**k}, "identity")
        for k in claim.EXACT_LINE
    }
    v, limit = gaussian_line_stationary_variance(s, eps), s**2 / 2
    # <x^k, He_k(x/sqrt v)>/sqrt(k!) = v^(k/2) sqrt(k!), as x^k has the leading term of He_k
    scale = np.sqrt(float(np.prod(np.arange(1, degree + 1))))
    rivals = {"v = s^2/2 of the limit": scale * limit ** (degree / 2)}
    return found | {
        claim.STATIONARY: Value(v, {"v = s^2/2 of the limit": limit}, "identity"),
        claim.HERMITE: Value(scale * v ** (degree / 2), rivals, "identity"),
    }
