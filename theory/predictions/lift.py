"""Predictions of the claim `lift`."""

from __future__ import annotations

import numpy as np

from theory.claims import lift as claim
from theory.heat import lifted_profile, lifted_solution, wrapped
from theory.lift import lifted_clock_and_drift
from theory.limits import limit_of
from theory.predictions import Order, Prediction, Value, off_by_tenth, times

DRIFT, CLOCK = 2.0, 0.25
LINE = 193  # points of the lines that figures draw along a curve
# the tokens that attention sees have density p^2, p^0 and p^0 ("Lift")
WRONG_DRIFTS = {claim.QUERY: 4.0, claim.KEY: 0.0, claim.TOKENS: 0.0}


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """Drift, clock and generator of lifted attention, right and wrong, and its evolution."""
    predicted = {}
    for case in parameters.cases():
        predicted |= _limits(case) | _at_size(case, parameters.temperature)
        if case.constant_length:
            predicted[claim.identity(case.name)] = Value(0.0, kind="identity")
    for case in parameters.evolved_cases():
        right, *wrong = _equations(case).items()
        predicted[claim.evolved(case.name)] = Order(right[1], 1.0, dict(wrong))
    return predicted


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """At the probes: L H/4, and H at the end by the heat equation of g + p^4 ds^2 and wrong ones."""
    limits = {
        f"{case.name}: L H/4": _generator_order(case).target(case.probes()[0])
        for case in parameters.cases()
    }
    at_probes = {
        f"{case.name}: {equation}": solution(case.probes()[0])[:, 0]
        for case in parameters.evolved_cases()
        for equation, solution in _equations(case).items()
    }
    along = {
        name: line for case in parameters.pictured_cases() for name, line in _along(case).items()
    }
    return limits | at_probes | along


def _along(case) -> dict[str, np.ndarray]:
    """Once round a curve from its sparsest place: the surface of its lift, and H by each equation."""
    (axis,) = case.manifold.axes
    chart = axis.low + axis.length * np.arange(LINE) / LINE
    thinnest = chart[np.argmin(case.density(chart[:, None]))]
    t = thinnest + np.linspace(0.0, axis.length, LINE)
    height, radius = lifted_profile(case.density, t)
    u = wrapped(case.manifold, t)
    found = {"line": t, "height": height, "radius": radius}
    found |= {f"line, {name}": solution(u)[:, 0] for name, solution in _equations(case).items()}
    return {f"{case.name}: {key}": values for key, values in found.items()}


def _limits(case) -> dict[str, Prediction]:
    drifts = off_by_tenth(DRIFT) | {"drift 1": 1.0, "no drift": 0.0}
    limits = {
        claim.drift(case.name): Value(DRIFT, drifts),
        claim.clock(case.name): Value(CLOCK, off_by_tenth(CLOCK)),
        claim.bias(case.name): _generator_order(case),
    }
    for lift, limit in WRONG_DRIFTS.items():
        rivals = off_by_tenth(limit) if limit else {"drift 0.2": 0.2, "drift 0.1": 0.1}
        limits[claim.wrong_drift(case.name, lift)] = Value(
            limit, rivals | {"that of the lift": DRIFT}, scale=DRIFT
        )
    return limits


def _generator_order(case) -> Order:
    """(A - I)H/eps -> L H/4, and not the same with another drift."""

    def generator(drift):
        return times(limit_of(case.density, case.features, drift), CLOCK)

    wrong = off_by_tenth(DRIFT, **{"drift 1": 1.0, "no drift": 0.0})
    return Order(generator(DRIFT), 1.0, {name: generator(c) for name, c in wrong.items()})


def _at_size(case, temperature) -> dict[str, Prediction]:
    u, mass = case.probes()
    clock, drift = lifted_clock_and_drift(
        case.density, case.radius, temperature, case.features, u, mass
    )
    drifts = off_by_tenth(drift) | {"drift 1": 1.0, "no drift": 0.0}
    clock /= temperature
    return {
        claim.drift_sampled(case.name): Value(drift, drifts, "at size"),
        claim.clock_sampled(case.name): Value(clock, off_by_tenth(clock), "at size"),
    }


def _equations(case) -> dict:
    """u -> H at the end, of the heat equation of g + p^4 ds^2 (first) and of other metrics."""
    # an exponent e has drift e/2: half of it is drift 1, and without the circle there is none
    exponents = {"right": 4.0, "10 % more": 4.4, "10 % less": 3.6, "drift 1": 2.0, "no drift": 0.0}

    def solution(exponent):
        # solved when it is asked for
        return lambda u: lifted_solution(case.density, case.initial, claim.TIME, exponent)(u)

    return {name: solution(e) for name, e in exponents.items()}
