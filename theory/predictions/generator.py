"""Predictions of the claim `generator`."""

from __future__ import annotations

import numpy as np

from theory.claims import generator as claim
from theory.heat_kernel import has_modes, transition_density
from theory.limits import DRIFT_COEFFICIENT, circle_bias, flat_bias, limit_of
from theory.population import clock_and_drift
from theory.predictions import Order, Prediction, Value, off_by_tenth
from theory.setting.densities import Density
from theory.setting.expressions import compile_columns
from theory.setting.references import probe_features
from theory.setting.watched import cell_centres, watched

# what the row of one token tends to: with softmax, and with double normalisation
ROWS = {"with drift": DRIFT_COEFFICIENT, "without drift": 0.0}


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """Drift 2 and clock eps in the limit, the population's at eps; see theory/claims/generator.py."""
    found: dict[str, Prediction] = {}
    for name in parameters.manifolds:
        p = parameters.tokens_density(name)
        clock, drift = clock_and_drift(p, parameters.temperature)
        at = {
            claim.LIMIT: (DRIFT_COEFFICIENT, 1.0, "limit"),
            claim.AT_EPS: (drift, clock / parameters.temperature, "at size"),
        }
        for when, (c, ratio, kind) in at.items():
            # half of what is predicted at eps is the drift of no other equation
            half = "drift 1" if when == claim.LIMIT else "half the drift"
            wrong = off_by_tenth(c, **{"no drift": 0.0, half: c / 2})
            for where in claim.WHERE:
                found[claim.drift(name, where, when)] = Value(c, wrong, kind)
                found[claim.clock(name, where, when)] = Value(ratio, off_by_tenth(ratio), kind)
        found |= fields(p, name)
    return found


def fields(p: Density, name: str) -> dict[str, Prediction]:
    """The orders with which (A - I)H/eps tends to L H, and its O(eps) term to the known one."""
    features = probe_features(p.manifold)

    def limit(drift):
        return limit_of(p, features, drift)

    right = limit(DRIFT_COEFFICIENT)
    rivals = {"10 % more": 1.1, "drift 1": 0.5, "no drift": 0.0}
    wrong = {rival: limit(share * DRIFT_COEFFICIENT) for rival, share in rivals.items()}
    found: dict[str, Prediction] = {claim.bias(name): Order(right, 1.0, wrong)}
    if claim.bias_is_known(p):
        terms = [circle_bias(p, f) for f in features]
        rivals = {
            "chord taken for arc": compile_columns(
                p.manifold.symbols, [flat_bias(p, f) for f in features]
            ),
            "10 % more": compile_columns(p.manifold.symbols, [1.1 * term for term in terms]),
        }
        found[claim.second_term(name)] = Order(
            compile_columns(p.manifold.symbols, terms), 1.0, rivals
        )
    return found


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """What figures draw: norms over the probes, and the row of one token as a heat kernel."""
    found = norms(parameters)
    for name in parameters.pictured():
        found |= rows(parameters.tokens_density(name), name)
    return found


def rows(p: Density, name: str) -> dict[str, np.ndarray]:
    """Heat kernels from the watched token, along its line and on the mesh of the picture."""
    if not has_modes(p.manifold):
        return {}
    place = watched(p, claim.ROW_LINE)
    line, mesh = place.line, cell_centres(p.manifold, claim.ROW_MESH)
    found = {f"{name} lengths": place.lengths}
    for key, drift in ROWS.items():
        both = np.concatenate([line, mesh])
        kernel = transition_density(p, claim.ROW_TIME, place.point, both, drift)
        found[f"{name} {key} line"] = kernel[: len(line)]
        found[f"{name} {key} mesh"] = kernel[len(line) :]
    return found


def norms(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """Norms over the probes: of the O(eps) term, of 10 % of the drift.

    The first is the bias of (A - I)H/eps over eps; the second is where the error stalls if the
    drift coefficient is 10 % off.
    """
    found = {}
    for name in parameters.manifolds:
        p = parameters.tokens_density(name)
        u, weights = claim.probe_points(p)
        features = probe_features(p.manifold)
        right, more = (
            limit_of(p, features, c)(u) for c in (DRIFT_COEFFICIENT, 1.1 * DRIFT_COEFFICIENT)
        )
        found |= {f"{name}_right": right, f"{name}_more": more}
        if claim.bias_is_known(p):
            term = compile_columns(p.manifold.symbols, [circle_bias(p, f) for f in features])(u)
            found[f"{name}_bias"] = np.sqrt(weights @ (term**2).sum(axis=1))
    return found
