"""Predictions of the claim `moving_tokens`."""

from __future__ import annotations

import numpy as np

from theory.claims import moving_tokens as claim
from theory.limits import DRIFT_COEFFICIENT
from theory.moving_tokens import (
    density_terms,
    gaussian_widths,
    sphere_radii,
    sphere_radius_squared,
    velocity_terms,
)
from theory.population import clock_and_drift
from theory.predictions import Member, Order, Prediction, Value, off_by_tenth, target_off_by_tenth
from theory.setting.densities import Density
from theory.setting.quadrature import chart_quadrature
from theory.setting.references import reference_density

NEUTRAL = (0.0, 0.0)
SHARES = {
    "all of": 1.0,
    "a fifth of": 0.2,
    "a tenth of": 0.1,
}  # of what a flat circle must not have


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """Velocity, density and the two motions in closed form; see theory/claims/moving_tokens.py."""
    found = {}
    for name in parameters.manifolds:
        p = parameters.tokens_density(name)
        found |= velocity(name, p, parameters.temperature)
        if claim.has_fourier_chart(p.manifold):
            found |= density(name, p)
    return found | flat() | spheres() | gaussian()


def velocity(name: str, p: Density, temperature: float) -> dict[str, Prediction]:
    """Its limit, and what i.i.d. tokens have at this temperature."""
    at_eps, drift = clock_and_drift(p, temperature, features=p.manifold.embedding)
    clock = at_eps / temperature
    wrong = {"drift 1": 1.0, "no drift": 0.0}
    return {
        claim.drift_limit(name): Value(DRIFT_COEFFICIENT, off_by_tenth(DRIFT_COEFFICIENT, **wrong)),
        claim.clock_limit(name): Value(1.0, off_by_tenth(1.0)),
        claim.drift_sample(name): Value(drift, off_by_tenth(drift, **wrong), "at size"),
        claim.clock_sample(name): Value(clock, off_by_tenth(clock), "at size"),
    }


def density(name: str, p: Density) -> dict[str, Prediction]:
    """d log p/dt following a token: |Hvec|^2 - 2 Laplacian log p."""
    terms = density_terms(p)

    def rate(curvature_share, bending_share):
        return lambda u: combined(terms, (curvature_share, bending_share), u)

    left_out = {"|Hvec|^2 left out": 0.0}
    right = rate(1.0, -2.0)
    wrong = {"|Hvec|^2 left out": rate(0.0, -2.0), "drift 1": rate(1.0, -1.0)}
    return {
        claim.density_rate(name): Member(
            lambda c, u: combined(terms, c, u),
            NEUTRAL,
            {
                claim.density_curvature(name): Value(1.0, off_by_tenth(1.0, **left_out)),
                claim.density_bending(name): Value(-2.0, off_by_tenth(-2.0, **{"drift 1": -1.0})),
            },
        ),
        claim.density_order(name): Order(right, 1.0, target_off_by_tenth(right, **wrong)),
    }


def combined(terms, coefficients, u) -> np.ndarray:
    """A combination of two terms at chart points u (n, d), shape (n, 1)."""
    first, second = terms(u)
    return (coefficients[0] * first + coefficients[1] * second)[:, None]


def flat() -> dict[str, Prediction]:
    """In flat space nothing but -2 Laplacian log p: the heat equation backwards."""
    terms = density_terms(reference_density("circle"))

    def family(c, u):
        # on the round circle of this length |Hvec|^2 is 1, on the flat one nothing
        return combined(terms, c, u)

    wrong = {f"{name} |Hvec|^2 of the round circle": share for name, share in SHARES.items()}
    constant = Value(0.0, wrong, scale=1.0)
    bending = Value(-2.0, off_by_tenth(-2.0, **{"drift 1": -1.0}))
    values = {claim.FLAT_CONSTANT: constant, claim.FLAT_BENDING: bending}
    return {claim.FLAT: Member(family, NEUTRAL, values)}


def spheres() -> dict[str, Prediction]:
    """R^2 = 1 - 2 d t as eps -> 0, and R^2 exactly at a finite eps."""
    found = {}
    for name in claim.SPHERES:
        d = reference_density(name, "uniform").manifold.dim
        fall = 2.0 * d
        wrong = {"mean, not trace, of the curvatures": 2.0} if d > 1 else {}
        found[claim.sphere_fall(name)] = Value(fall, off_by_tenth(fall, **wrong))
        eps = claim.vanishing_temperature(d)
        square = float(sphere_radii(1.0, d, eps, claim.JUDGED)[-1] ** 2)
        limit = float(sphere_radius_squared(1.0, d, claim.JUDGED * eps))
        found[claim.sphere_square(name)] = Value(
            square, off_by_tenth(square, **{"1 - 2 d t": limit}), "at size"
        )
    radii = sphere_radii(1.0, 2, claim.SAMPLE_TEMPERATURE, claim.SAMPLE_STEPS)
    fall = float(1 - radii[-1] ** 2)
    found[claim.SPHERE_SAMPLE] = Value(fall, off_by_tenth(fall), "at size")
    return found


def gaussian() -> dict[str, Prediction]:
    """s -> s^3/(s^2 + 2 eps), at any temperature, every token in proportion."""
    eps, steps = claim.GAUSSIAN_TEMPERATURE, claim.GAUSSIAN_STEPS
    width, half = (float(gaussian_widths(1.0, e, steps)[-1]) for e in (eps, eps / 2))
    value = Value(width, off_by_tenth(width, **{"s^3/(s^2 + eps)": half}), "at size")
    return {
        claim.WIDTH: value,
        claim.SHAPE: Value(0.0, kind="identity"),
        claim.WIDTH_SAMPLE: value,
    }


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """Velocity and density at the marked tokens, R^2 against the steps, and their rivals."""
    lines = {}
    for name in parameters.manifolds:
        p = parameters.tokens_density(name)
        if claim.has_fourier_chart(p.manifold):
            u = chart_quadrature(p.manifold, claim.MARKS[p.manifold.dim])[0]
            normal, tangential = velocity_terms(p)(u)
            curvature, bending = density_terms(p)(u)
            lines |= {
                f"{name}_normal": normal,
                f"{name}_tangential": DRIFT_COEFFICIENT * tangential,
                f"{name}_density": curvature - 2 * bending,
                f"{name}_density_flat": -2 * bending,
            }
    for name in claim.SPHERES:
        d = reference_density(name, "uniform").manifold.dim
        eps = claim.vanishing_temperature(d)
        lines[f"{name}_squares"] = sphere_radii(1.0, d, eps, claim.FOLLOWED) ** 2
        lines[f"{name}_flow"] = sphere_radius_squared(
            1.0, d, eps * np.arange(claim.VANISHING + 1) * (1 - 1e-12)
        )
    return lines | fields()


def fields() -> dict[str, np.ndarray]:
    """Normal velocity and drift (n, D) at the places of the drift field."""
    lines = {}
    for name, formula in claim.FIELDS.items():
        u = claim.field_points(name)
        normal, tangential = velocity_terms(reference_density(name, formula))(u)
        lines |= {f"{name}_field_normal": normal, f"{name}_field": DRIFT_COEFFICIENT * tangential}
    return lines
