"""Predictions of the claim `local_attention`."""

from __future__ import annotations

import numpy as np

from theory.claims import local_attention as claim
from theory.first_order import first_order_generator, window_response
from theory.normalisations import window_clock
from theory.population import least_squares
from theory.predictions import Order, Prediction, Value, off_by_tenth
from theory.setting.quadrature import chart_quadrature

NODES = {1: 240, 2: 30}  # per axis, of the integral over queries: smooth functions


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """The limits, and the coefficients at this window; see theory/claims/local_attention.py."""
    predicted = {}
    for case in parameters.cases():
        predicted |= limits(case) | at_size(case)
    return predicted | window_edge()


def limits(case: claim.Case) -> dict[str, Prediction]:
    """2 and 2, the clock of a ball, and the order with which the whole response tends to L H."""
    dim = case.density.manifold.dim
    clock = float(window_clock(1.0, dim))
    return {
        claim.force_limit(case.name): Value(
            2.0, off_by_tenth(2.0, **{"no force": 0.0, "force up the score": -2.0})
        ),
        claim.drift_limit(case.name): Value(
            2.0, off_by_tenth(2.0, **{"no drift": 0.0, "drift 1": 1.0})
        ),
        claim.clock_limit(case.name): Value(
            clock, off_by_tenth(clock, **{"d + 1 for d + 2": 1 / (2 * (dim + 1))})
        ),
        claim.bias_order(case.name): Order(
            target(case, 2.0, 2.0),
            1.0,
            {
                "no force": target(case, 2.0, 0.0),
                "force 10 % more": target(case, 2.0, 2.2),
                "no drift": target(case, 0.0, 2.0),
                "drift 10 % less": target(case, 1.8, 2.0),
            },
        ),
    }


def target(case: claim.Case, drift: float, force: float):
    """u -> L H/(2 (d+2)), (n, c): the limit of (A - I)H/R^2 with these drift coefficients."""
    m, t = case.density.manifold, case.parameters.temperature
    b = tuple(-s / t for s in case.score.key_slope(m))
    generator = first_order_generator(case.density, [b], case.features, [drift, force])
    clock = float(window_clock(1.0, m.dim))
    return lambda u: clock * generator(u)


def at_size(case: claim.Case) -> dict[str, Prediction]:
    """What the same estimator finds on infinitely many tokens in a window of this radius."""
    t = case.parameters.temperature
    drift, force = coefficients(case, case.score, t)
    _, warm = coefficients(case, case.score, 1.03 * t)
    _, exchanged = coefficients(case, case.score.exchanged, t)
    no_force = {"no force": 0.0, "force up the score": -force}
    wrong = {"temperature 3 % off": warm, "query and key exchanged": exchanged}
    return {
        claim.force_sampled(case.name): Value(
            force, off_by_tenth(force) | no_force | wrong, "at size"
        ),
        claim.drift_sampled(case.name): Value(
            drift, off_by_tenth(drift, **{"no drift": 0.0, "half the drift": drift / 2}), "at size"
        ),
    }


def coefficients(case: claim.Case, score, temperature: float) -> tuple[float, float]:
    """(drift up the density, drift down the score) over the clock, fitted over p dV in the box."""
    p = case.density
    u, volume = chart_quadrature(p.manifold, NODES[p.manifold.dim], case.box)
    radius = case.parameters.radius
    response = window_response(p, score, temperature, radius, u, case.features)
    clock, drift, force = least_squares(response, case.terms(u), volume * p(u))
    return float(drift / clock), float(force / clock)


def window_edge() -> dict[str, Prediction]:
    """Closed windows on equispaced tokens: 2 k + 1 keys, all alike, and a Dirichlet kernel."""
    k, half_step = claim.STEPS, np.pi / claim.RING

    def eigenvalue(steps):
        keys = 2 * steps + 1
        return float(np.sin(keys * half_step) / (keys * np.sin(half_step)))

    return {
        claim.KEYS: Value(2 * k + 1, {"open window": 2 * k - 1}, "identity"),
        claim.EIGENVALUE: Value(eigenvalue(k), {"open window": eigenvalue(k - 1)}, "identity"),
    }
