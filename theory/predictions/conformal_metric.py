"""Predictions of the claim `conformal_metric`."""

from __future__ import annotations

import numpy as np

from theory.claims import conformal_metric as claim
from theory.heat import (
    conformal_exponent,
    conformal_family,
    conformal_solution,
    tangential_share,
)
from theory.predictions import Member, Order, Prediction, Value, off_by_tenth

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
    """H at the probes by the heat equation under gbar, and by wrong ones."""
    return {
        f"{case.name}: {equation}": solution(case.probes()[0])[:, 0]
        for case in parameters.evolved_cases()
        for equation, solution in _equations(case).items()
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
