"""Predictions of the claim `conformal_metric`."""

from __future__ import annotations

import numpy as np

from theory.claims import conformal_metric as claim
from theory.heat import (
    conformal_exponent,
    conformal_family,
    conformal_solution,
    new_lengths,
    tangential_share,
)
from theory.predictions import Member, Order, Prediction, Value, off_by_tenth

LINE = 241  # points of the lines that figures draw along a curve
# where the search for (exponent of the metric, exponent of the capacity, clock/eps) starts: the
# metric that M has, unit capacity, and half a clock, as without one nothing depends on the others
NEUTRAL = (0.0, 0.0, 0.5)


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """Exponents, evolutions, and in d = 2 what is out of reach; see the claim."""
    predicted = {}
    for case in parameters.cases():
        on_nodes = (claim.metric, claim.capacity, claim.clock)
        of_samples = (claim.metric_sampled, claim.capacity_sampled, claim.clock_sampled)
        predicted[claim.generator(case.name)] = _member(case, on_nodes)
        predicted[claim.sampled(case.name)] = _member(case, of_samples)
    for case in parameters.evolved_cases():
        right, *wrong = _equations(case).items()
        predicted[claim.evolved(case.name)] = Order(right[1], 1.0, dict(wrong))
    for case in parameters.surface_cases():
        limit = tangential_share(case.density)
        rivals = {
            "a metric exists": 0.0,
            "drift 1": tangential_share(case.density, 1.0),
        } | off_by_tenth(limit)
        predicted[claim.share(case.name)] = Value(limit, rivals)
        predicted[claim.share_sampled(case.name)] = Value(limit, rivals)
        predicted[claim.factor(case.name)] = Value(1.0, off_by_tenth(1.0))
    return predicted


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """H at the probes by the heat equation under gbar, and by wrong ones; along curves too."""
    at_probes = {
        f"{case.name}: {equation}": solution(case.probes()[0])[:, 0]
        for case in parameters.evolved_cases()
        for equation, solution in _equations(case).items()
    }
    return at_probes | {
        name: line
        for case in parameters.evolved_cases()
        if case.manifold.dim == 1
        for name, line in _along(case).items()
    }


def _along(case) -> dict[str, np.ndarray]:
    """Lengths along a curve under g and gbar, and H at the end by each heat equation."""
    (axis,) = case.manifold.axes
    t = np.linspace(axis.low, axis.low + axis.length, LINE)
    equations = _equations(case)
    # of g itself: exponent 0, unit heat capacity
    of_g = conformal_solution(case.density, case.initial, claim.TIME, 0.0, 0.0)
    return {
        f"{case.name}: line": t,
        f"{case.name}: lengths of g": new_lengths(case.density, t, 0.0),
        f"{case.name}: lengths of gbar": new_lengths(case.density, t),
        f"{case.name}: line under gbar": equations["right"](t[:, None])[:, 0],
        f"{case.name}: line, unit heat capacity": equations["unit heat capacity"](t[:, None])[:, 0],
        f"{case.name}: line under g": of_g(t[:, None])[:, 0],
    }


def _member(case, names) -> Member:
    a = conformal_exponent(case.manifold.dim)
    metric, capacity, clock = (name(case.name) for name in names)
    # drift 1 instead of 2 is half the exponent
    values = {
        metric: Value(a, off_by_tenth(a) | {"drift 1": a / 2, "no drift": 0.0}),
        capacity: Value(-a, off_by_tenth(-a) | {"unit heat capacity": 0.0}),
        clock: Value(1.0, off_by_tenth(1.0)),
    }
    return Member(conformal_family(case.density, case.features), NEUTRAL, values)


def _equations(case) -> dict:
    """u -> H at the end, of the heat equation under gbar (first) and of wrong ones."""
    a = conformal_exponent(case.manifold.dim)
    exponents = {
        "right": (a, -a),
        "10 % more": (1.1 * a, -1.1 * a),
        "10 % less": (0.9 * a, -0.9 * a),
        "drift 1": (a / 2, -a / 2),
        "unit heat capacity": (a, 0.0),
    }

    def solution(metric, capacity):
        # solved when it is asked for
        return lambda u: conformal_solution(
            case.density, case.initial, claim.TIME, metric, capacity
        )(u)

    return {name: solution(*pair) for name, pair in exponents.items()}
