"""Predictions of the claim `evolution`."""

from __future__ import annotations

from functools import cache

import numpy as np

from theory.claims import evolution as claim
from theory.family import drift_family
from theory.finite_sample import noise_of_steps
from theory.limits import DRIFT_COEFFICIENT
from theory.pde import evolve
from theory.population import population
from theory.predictions import Member, Order, Prediction, Value, off_by_tenth
from theory.setting.geometry import gradient_product

NEUTRAL = (0.0, 0.8)  # no drift, and a clock of its own
# An equation is a rival of the rate where, by the law of the noise, its error would fall with at
# most this share of the order: the third that is missing is what an interval over samples can tell.
VISIBLE = 2 / 3
SHOWN_RIVALS = {"no drift": 0.0, "10 % less": 0.9 * DRIFT_COEFFICIENT}  # of the figure
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

    near = {rival: equation(c) for rival, c in wrong.items()}
    near |= {f"10 % {word} time": equation(right, f) for word, f in (("more", 1.1), ("less", 0.9))}
    order = 2 / (dim + 6)
    stalled = _stalled_orders(parameters, name, equation(right), near)
    seen = {rival: near[rival] for rival, other in stalled.items() if other <= VISIBLE * order}
    in_tokens = Order(equation(right), order, seen, kind="bound")
    return {
        claim.features(name, claim.SAMPLES): member(claim.SAMPLES),
        claim.order_in_tokens(name): in_tokens,
        claim.features(name, claim.NODES): member(claim.NODES),
        claim.order_in_clock(name): Order(equation(right), 1.0, near),
        claim.size(name, parameters.node_steps()[0]): _size(parameters, name),
    }


def _stalled_orders(parameters, name: str, right, rivals) -> dict[str, float]:
    """The order in 1/N with which the error against each rival equation would fall.

    In the mean square over the probes: its distance from the right equation, which stays, and the
    noise of k steps, which falls ("Evolution").
    """
    p = parameters.tokens_density(name)
    m, (u, weights) = p.manifold, claim.probe_points(p)
    squared_gradient = m.function(gradient_product(m, parameters.features, parameters.features))(u)
    steps, tokens = np.array(parameters.sizes(m)).T
    noise = [
        noise_of_steps(m.dim, parameters.temperature(m, int(k)), int(k), int(n))
        for k, n in zip(steps, tokens, strict=True)
    ]
    noise = np.array(noise) * float(weights @ (squared_gradient / p(u)))
    orders = {}
    for rival, target in rivals.items():
        distance = float(weights @ (target(u) - right(u))[:, 0] ** 2)
        orders[rival] = float(np.polyfit(-np.log(tokens), np.log(distance + noise) / 2, 1)[0])
    return orders


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
        far = [family((c, 1.0), family.u)[:, 0] for c in SHOWN_RIVALS.values()]
        found[f"{name}_far"] = np.array(far)
        p = parameters.tokens_density(name)
        u = claim.shown_points(p.manifold)
        for key, c in {"shown": DRIFT_COEFFICIENT, "shown_no_drift": 0.0}.items():
            solution = evolve(p, parameters.features, [parameters.time], drift_coefficient=c)
            found[f"{name}_{key}"] = solution.at(u)[0]
    if claim.SURFACE in parameters.manifolds:
        found["surface_equation"] = _on_surface(parameters)
    return found


def _on_surface(parameters: claim.Parameters) -> np.ndarray:
    """e^(tL) H at the places of the turning surface after each of its steps, (steps, places)."""
    p = parameters.tokens_density(claim.SURFACE)
    places, step = claim.surface_places(p), parameters.time / parameters.n_steps
    start = p.manifold.function(parameters.features)(places)
    times = [k * step for k in claim.SURFACE_STEPS if k]
    solution = evolve(p, parameters.features, times, drift_coefficient=DRIFT_COEFFICIENT)
    return np.concatenate([start[None], solution.at(places)])
