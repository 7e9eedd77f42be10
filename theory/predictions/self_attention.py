"""Predictions of the claim `self_attention`."""

from __future__ import annotations

import numpy as np

from theory.claims import self_attention as claim
from theory.first_order import first_order_generator
from theory.population import least_squares, population
from theory.predictions import Order, Prediction, Value, off_by_tenth, target_off_by_tenth
from theory.setting.quadrature import chart_quadrature

CLOCK = 1 / (2 * claim.STRENGTH)  # over eps
NODES = 64  # per axis, of integrals of smooth functions


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """The limits, and the coefficients at this temperature; see theory/claims/self_attention.py."""
    rotated = {"no rotation": 0.0, "K the other way: W transposed": -2.0}
    rivals = {
        claim.ROTATION: rotated,
        claim.TILT: {"no tilt": 0.0, "density tilted by exp(x^T S x)": 4.0},
        claim.DENSITY: {"no drift": 0.0, "drift 1": 1.0},
    }
    limits = {name: Value(2.0, off_by_tenth(2.0) | wrong) for name, wrong in rivals.items()}
    right = target(parameters, 2.0, 2.0, 2.0)
    wrong = {
        "K left out": target(parameters, 2.0, 2.0, 0.0),
        "W transposed": target(parameters, 2.0, 2.0, -2.0),
        "S left out": target(parameters, 2.0, 0.0, 2.0),
        "no drift": target(parameters, 0.0, 2.0, 2.0),
    }
    return limits | {
        claim.CLOCK: Value(CLOCK, off_by_tenth(CLOCK, **{"eps/2: c left out": 0.5})),
        claim.ORDER: Order(right, 1.0, target_off_by_tenth(right, **wrong)),
        claim.CONSENSUS: consensus(parameters),
        **sampled(parameters),
    }


def target(parameters: claim.Parameters, *coefficients):
    """u -> L H/(2 c), (n, c): the limit of (A - I)H/eps with these three drift coefficients."""
    generator = first_order_generator(
        parameters.tokens_density, parameters.drifts, parameters.features, coefficients
    )
    return lambda u: CLOCK * generator(u)


def consensus(parameters: claim.Parameters) -> Value:
    """The mean of x^T S x in p^2 exp(x^T S x): L is self-adjoint in L^2 of (p exp(x^T S x/2))^2."""
    p, s = parameters.tokens_density, parameters.parts[0]
    u, volume = chart_quadrature(p.manifold, NODES)
    tilt = np.einsum("na,ab,nb->n", *(p.manifold.embed(u), s, p.manifold.embed(u)))

    def mean(power):
        weights = volume * p(u) ** 2 * np.exp(power * tilt)
        return float(weights @ tilt / weights.sum())

    rivals = {"no tilt": mean(0.0), "half of it: p^2 exp(x^T S x/2)": mean(0.5)}
    return Value(mean(1.0), off_by_tenth(mean(1.0)) | rivals)


def sampled(parameters: claim.Parameters) -> dict[str, Prediction]:
    """What the same estimator finds on infinitely many tokens at this temperature."""
    eps = parameters.temperature
    matrix = parameters.score(eps)
    right = coefficients(parameters, matrix, eps)
    warm = coefficients(parameters, matrix, 1.03 * eps)
    transposed = coefficients(parameters, matrix.exchanged, eps)
    predicted = {}
    for k, name in enumerate(claim.SAMPLED):
        wrong = {"left out": 0.0}
        if name != claim.DENSITY_SAMPLED:
            wrong["temperature 3 % off"] = warm[k]
        if name == claim.ROTATION_SAMPLED:
            wrong["W transposed"] = transposed[k]
        predicted[name] = Value(right[k], off_by_tenth(right[k]) | wrong, "at size")
    return predicted


def coefficients(parameters: claim.Parameters, score, temperature: float) -> list[float]:
    """The coefficients of the drifts up the density, along S and along K, over the clock."""
    p, nodes = parameters.tokens_density, parameters.nodes(parameters.temperature)
    tokens = population(p, temperature, score.pseudo_metric, nodes)
    h = tokens.features(parameters.features)
    response = tokens.attend(h) - h
    clock, *drifts = least_squares(response, parameters.terms(tokens.u), tokens.mass)
    return [float(drift / clock) for drift in drifts]


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """Drift vectors (3, n, 3) of B, S and K at the arrows: P_x B^T x/c."""
    x = parameters.tokens_density.manifold.embed(claim.arrows())
    vectors = []
    for b in (parameters.matrix, *parameters.parts):
        pulled = x @ b
        vectors.append(pulled - (pulled * x).sum(axis=1, keepdims=True) * x)
    return {"points": x, "drifts": np.array(vectors) / claim.STRENGTH}
