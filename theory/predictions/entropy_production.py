"""Predictions of the claim `entropy_production`."""

from __future__ import annotations

from functools import cache

import numpy as np
import sympy as sp

from theory.chains import entropy_rate, invariant_law, softmax_chain
from theory.claims import entropy_production as claim
from theory.currents import StationaryState, rotation_entropy_rate, stationary_state
from theory.limits import DRIFT_COEFFICIENT
from theory.normalisations import window_clock
from theory.population import population
from theory.predictions import (
    Member,
    Prediction,
    Value,
    linear_family,
    off_by_tenth,
)
from theory.relaxation import relaxation
from theory.setting.heads import symmetric_and_rotation
from theory.setting.nodes import sparse_nodes
from theory.setting.references import reference_density
from theory.setting.scores import bilinear

CLOCK = 1 / (2 * claim.STRENGTH)  # over eps
FINER = 5  # points of a line between two measured ones
BOUND = "int |2 b|^2 rho, an upper bound"


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """Rates and currents of the limits, e at this temperature, and what holds exactly."""
    predicted = {}
    for case in parameters.cases():
        predicted |= of_case(case, state_of(case))
    first = parameters.cases()[0]
    turning = rotation_entropy_rate(parameters.uniform_rotation().matrix)
    zeros = (claim.SYMMETRIC, claim.PARTS, claim.HEAD_IDENTITY, claim.GENERAL_IDENTITY)
    ones = (claim.TOP_K, claim.AHEAD, claim.CAUSAL, claim.CAUSAL_INFINITE)
    return (
        predicted
        | {
            claim.rate_sampled(first.name): sampled(first),
            claim.ROTATION: rate_value(
                CLOCK * turning, {"|K x|^2 for |2 K x|^2": CLOCK * turning / 4}
            ),
            claim.WINDOW: of_windows(parameters),
            claim.GRADIENT: Value(4.0, off_by_tenth(4.0, **{"a force that turns": 0.0})),
        }
        | {name: Value(0.0, kind="identity") for name in zeros}
        | {name: Value(1.0, kind="identity") for name in ones}
    )


def state_of(case: claim.Case) -> StationaryState:
    """rho and J, searched from the density that S alone would give."""
    return _state(case.name, str(case.density.expression), tuple(map(tuple, case.matrix)))


@cache
def _state(name, formula, matrix) -> StationaryState:
    p, b = reference_density(name, formula), np.array(matrix)
    s, rotation = symmetric_and_rotation(b)
    x = sp.Matrix(p.manifold.embedding)
    guess = 2 * p.log_expression + (x.T * sp.Matrix(s) * x)[0]
    force = tuple(-e for e in bilinear(b).key_slope(p.manifold))
    # without a rotation the guess is exact
    degree = None if rotation.any() else 2
    return stationary_state(p, force, degree, guess)


def of_case(case: claim.Case, state: StationaryState) -> dict[str, Prediction]:
    """e/eps and the stationary current of W = c I + eps B as eps -> 0."""
    name, value = case.name, CLOCK * state.entropy_rate
    rows = (claim.driven_current(name), claim.spread_current(name))
    one = Value(CLOCK, off_by_tenth(CLOCK, **{"left out": 0.0}))

    def parts(u):
        return [vectors(case, u, state.driven(u)), vectors(case, u, state.spread(u))]

    return {
        claim.rate_limit(name): rate_value(value, {BOUND: CLOCK * state.entropy_bound}),
        rows[0]: Member(linear_family(parts), (0.0, 0.0), dict.fromkeys(rows, one)),
        claim.rate_order(name): Value(1.0, off_by_tenth(1.0)),
    }


def vectors(case: claim.Case, u, covector) -> np.ndarray:
    """J^D = (dX^D/du^a) g^ab J_b, (n, D), of covectors (n, d)."""
    m = case.density.manifold
    return np.einsum("nDa,nab,nb->nD", m.jacobian(u), m.inverse_metric(u), covector)


def rate_value(value: float, rivals: dict[str, float], kind: str = "limit") -> Value:
    return Value(value, off_by_tenth(value) | {"reversible": 0.0} | rivals, kind)


def sampled(case: claim.Case) -> Value:
    """e/eps at this temperature, of infinitely many tokens."""
    eps = case.parameters.temperature
    w, p = case.weights(eps), case.density

    def at(matrix, temperature):
        # the key bias is part of the score, and cools with it
        nodes = sparse_nodes(p.manifold, eps / (2 * claim.STRENGTH), claim.MOST_CHAIN)
        tokens = population(p, temperature, bilinear(matrix).pseudo_metric, nodes)
        scores = tokens.pseudo_metric(tokens.x, tokens.x)
        scores = scores + claim.STRENGTH * (tokens.x**2).sum(axis=1) / 2
        chain = softmax_chain(scores, temperature, tokens.mass)
        return entropy_rate(chain, invariant_law(chain)) / eps

    value = at(w, eps)
    return rate_value(value, {"temperature 3 % off": at(w, 1.03 * eps)}, "at size")


def of_windows(parameters: claim.Parameters) -> Value:
    """e/R^2 of a head in sharp windows on the circle, as R -> 0."""
    p, w = reference_density("circle", parameters.density), parameters.ring_head()
    force = [-e / claim.WINDOW_TEMPERATURE for e in bilinear(w).key_slope(p.manifold)]
    state, clock = stationary_state(p, force), float(window_clock(1.0, 1))
    return rate_value(clock * state.entropy_rate, {BOUND: clock * state.entropy_bound})


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """Of the relaxing chains, lines over time; J over the clock's eps, (3, n, 3), of B, S and K on
    the sphere, at the points of the figure."""
    lines = relaxing(parameters)
    sphere = [case for case in parameters.cases() if case.name == "sphere"]
    if not sphere:
        return lines
    case = sphere[0]
    u = case.points
    each = [case, case.alone(0), case.alone(1)]
    currents = [vectors(c, u, state_of(c).current(u)) for c in each]
    return lines | {"currents": CLOCK * np.array(currents)}


def relaxing(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """Relative entropy, Dirichlet energy and rate of entropy production, and the same with half the
    drift; times of the measured steps."""
    steps = claim.relaxing_steps()
    moments = CLOCK * claim.RELAXING_TEMPERATURE * steps
    times = np.linspace(0, moments[-1], FINER * (len(steps) - 1) + 1)
    lines = {"relaxing_times": times, "relaxing_moments": moments}
    for name, case in parameters.relaxing_cases().items():
        force = [-e for e in bilinear(case.matrix).key_slope(case.density.manifold)]
        for ending, c in (("", DRIFT_COEFFICIENT), ("_drift_1", 1.0)):
            found = relaxation(
                case.density, force, claim.RELAXING_START, claim.RELAXING_FEATURES, times,
                drift_coefficient=c,
            )  # fmt: skip
            lines[f"relaxing_{name}{ending}"] = np.array(
                [found.relative_entropy, found.dirichlet_energy, found.entropy_rate]
            )
    return lines
