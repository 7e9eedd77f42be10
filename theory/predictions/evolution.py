"""Predictions of the claim `evolution`."""

from __future__ import annotations

from functools import cache

import numpy as np

from theory.claims import evolution as claim
from theory.family import drift_family
from theory.limits import DRIFT_COEFFICIENT
from theory.pde import evolve
from theory.population import population
from theory.predictions import Member, Order, Prediction, Value, off_by_tenth

NEUTRAL = (0.0, 0.8)  # no drift, and a clock of its own
# wrong equations whose distance from the right one no sample of this size can mistake
DISTANT = {"no drift": 0.0, "drift -1": -1.0}
DRAWN = np.linspace(0.0, 4.0, 41)  # drift coefficients of the figure


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """Drift 2 and clock tau of the evolved features, and the orders of their errors."""
    found: dict[str, Prediction] = {}
    for name in parameters.manifolds:
        found |= _of_manifold(parameters, name)
    return found


def _of_manifold(parameters: claim.Parameters, name: str) -> dict[str, Prediction]:
    family, dim = family_of(parameters, name), parameters.tokens_density(name).manifold.dim
    right = DRIFT_COEFFICIENT
    wrong = off_by_tenth(right, **{"no drift": 0.0, "drift 1": right / 2})

    def member(where):
        values = {
            claim.drift(name, where): Value(right, wrong),
            claim.clock(name, where): Value(1.0, off_by_tenth(1.0)),
        }
        return Member(family, NEUTRAL, values)

    def equation(drift, factor=1.0):
        return lambda u: family((drift, factor), u)

    in_tokens = Order(
        equation(right),
        2 / (dim + 6),
        {rival: equation(c) for rival, c in DISTANT.items()},
        kind="bound",
        norm="sup",
    )
    near = {rival: equation(c) for rival, c in wrong.items()}
    near |= {"10 % more time": equation(right, 1.1)}
    return {
        claim.features(name, claim.SAMPLES): member(claim.SAMPLES),
        claim.order_in_tokens(name): in_tokens,
        claim.features(name, claim.NODES): member(claim.NODES),
        claim.order_in_clock(name): Order(equation(right), 1.0, near),
        claim.size(name, parameters.node_steps()[0]): _size(parameters, name),
    }


def _size(parameters: claim.Parameters, name: str) -> Value:
    """The root mean square of A^k H over the probes at the coarsest level, by quadrature."""
    p, steps = parameters.tokens_density(name), parameters.node_steps()[0]
    u, weights = claim.probe_points(p)
    tokens = population(p, parameters.temperature(p.manifold, steps))
    values, sizes = tokens.features([parameters.features]), []
    for _ in range(steps + 1):
        sizes.append(float(np.sqrt(weights @ tokens.attend(values, u)[:, 0] ** 2)))
        values = tokens.attend(values)
    right = sizes[steps - 1]
    rivals = off_by_tenth(right, **{"one step more": sizes[steps]})
    return Value(right, rivals, "at size")


@cache
def family_of(parameters: claim.Parameters, name: str):
    """The family of equations at the probe points; points and solutions are kept."""
    p = parameters.tokens_density(name)
    return drift_family(p, parameters.features, parameters.time, claim.probe_points(p)[0])


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """Solutions at the probe points by drift coefficient, and on the mesh of the picture."""
    found = {"drifts": DRAWN}
    for name in parameters.manifolds:
        family = family_of(parameters, name)
        of_drift = [family((c, 1.0), family.u)[:, 0] for c in DRAWN]
        found[f"{name}_family"] = np.array(of_drift)
        found[f"{name}_right"] = family((DRIFT_COEFFICIENT, 1.0), family.u)[:, 0]
        far = [family((c, 1.0), family.u)[:, 0] for c in DISTANT.values()]
        found[f"{name}_far"] = np.array(far)
        p = parameters.tokens_density(name)
        u = claim.shown_points(p.manifold)
        for key, c in {"shown": DRIFT_COEFFICIENT, "shown_no_drift": 0.0}.items():
            solution = evolve(p, parameters.features, [parameters.time], drift_coefficient=c)
            found[f"{name}_{key}"] = solution.at(u)[0]
    return found
