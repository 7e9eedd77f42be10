"""Predictions of the claim `universality`."""

from __future__ import annotations

from functools import cache, partial

import numpy as np

from theory.claims import universality as claim
from theory.clocks import chord_constant, next_term, next_term_constant
from theory.limits import DRIFT_COEFFICIENT, limit_of
from theory.predictions import Order, Prediction, Value, off_by_tenth, target_off_by_tenth
from theory.setting.densities import Density
from theory.setting.references import probe_features, reference_density
from theory.spectral import fourier_evolution, harmonic_evolution

SMOOTH_ORDER = 2.0  # of the bias in h: order 1 in tau
HARMONICS = 12  # features of degree 2 for as long as they live: to 1e-9


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """One drift and one evolution for every phi, and where the leading clock fails."""
    found: dict[str, Prediction] = {}
    for manifold in parameters.manifolds:
        found |= coefficients(manifold)
        found |= evolutions(parameters, manifold)
        found |= constants(parameters, manifold)
    return found | {claim.OFF_THE_SPHERE: off_the_sphere()}


def coefficients(manifold: str) -> dict[str, Prediction]:
    """Drift coefficient and clock at tau -> 0: the same for all phi, so also the extremes."""
    drift = Value(DRIFT_COEFFICIENT, off_by_tenth(DRIFT_COEFFICIENT, **{"no drift": 0.0}))
    clock = Value(1.0, off_by_tenth(1.0))
    return {
        name(manifold, which): value
        for which in (claim.SMALLEST, claim.LARGEST)
        for name, value in ((claim.drift, drift), (claim.clock, clock))
    }


def evolutions(parameters: claim.Parameters, manifold: str) -> dict[str, Prediction]:
    """The order in sqrt(tau) with which A^k H tends to e^(TL) H, for each phi."""
    p, time = parameters.tokens_density(manifold), parameters.time
    right = partial(evolution, p, time, DRIFT_COEFFICIENT)
    rivals = {
        "drift 1": partial(evolution, p, time, DRIFT_COEFFICIENT / 2),
        "10 % more time": partial(evolution, p, 1.1 * time, DRIFT_COEFFICIENT),
    }
    orders = {claim.evolved(manifold, name): order(name) for name in parameters.scores}
    orders[claim.repaired(manifold)] = SMOOTH_ORDER
    return {name: Order(right, value, rivals) for name, value in orders.items()}


def order(score: str) -> float:
    """Order in h of the leading clock's error: of the bias, or of the next term of phi."""
    term = next_term(claim.phi_of(score))
    return SMOOTH_ORDER if term is None else min(term[1], SMOOTH_ORDER)


def constants(parameters: claim.Parameters, manifold: str) -> dict[str, Prediction]:
    """How much the cubic term slows the clock, and the chord hastens it."""
    dim = parameters.tokens_density(manifold).manifold.dim
    b, q = next_term(claim.CUBIC)
    cubic, chord = b * next_term_constant(2.0, dim, q), chord_constant(dim)
    return {
        claim.slowing(manifold): Value(
            cubic, off_by_tenth(cubic, **{"the clock of r^2 is right": 0.0})
        ),
        claim.chord(manifold): Value(chord, off_by_tenth(chord, **{"chord and arc alike": 0.0})),
    }


def evolution(p: Density, time: float, drift: float, u) -> np.ndarray:
    """e^(T L) H of the probe features at chart points u (n, d), (n, c)."""
    return _evolution(p, time, drift, np.ascontiguousarray(u).tobytes(), np.shape(u))


@cache
def _evolution(p, time, drift, points, shape):
    u, features = np.frombuffer(points).reshape(shape), probe_features(p.manifold)
    if p.manifold.dim == 1:
        return fourier_evolution(p, features, [time], u, drift_coefficient=drift)[0]
    return harmonic_evolution(p, features, [time], u, degree=HARMONICS, drift_coefficient=drift)[0]


def off_the_sphere() -> Order:
    """L H on an ellipse, which a score of the distance reaches with order 1 in tau."""
    p = reference_density(claim.ELLIPSE)
    features, drifts = probe_features(p.manifold), (DRIFT_COEFFICIENT, DRIFT_COEFFICIENT / 2)
    right, half = (limit_of(p, features, drift) for drift in drifts)
    return Order(right, 1.0, target_off_by_tenth(right, **{"drift 1": half}))


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """Along the circle: the first coordinate, what becomes of it in time T, and by half the drift."""
    if "circle" not in parameters.manifolds:
        return {}
    p, time = parameters.tokens_density("circle"), parameters.time
    line = np.linspace(0, 2 * np.pi, 241)[:, None]
    return {
        "line": line[:, 0],
        "start": p.manifold.embed(line)[:, 0],
        "evolved": evolution(p, time, DRIFT_COEFFICIENT, line)[:, 0],
        "evolved_rival": evolution(p, time, DRIFT_COEFFICIENT / 2, line)[:, 0],
    }
