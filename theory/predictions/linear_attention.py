"""Predictions of the claim `linear_attention`."""

from __future__ import annotations

import numpy as np

from theory.claims import linear_attention as claim
from theory.first_order import high_temperature_terms
from theory.population import least_squares, population
from theory.predictions import (
    Member,
    Order,
    Prediction,
    Value,
    linear_family,
    off_by_tenth,
    target_off_by_tenth,
)
from theory.setting.geometry import values_of


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """Two coefficients over any tokens, two orders, and the first coefficient at N = infinity."""

    def terms(u):
        return series(parameters, u)

    def mean(u):
        return terms(u)[0]

    second = {"1/2 left out": 1.0, "no second term": 0.0}
    return {
        claim.COVARIANCE: Member(
            linear_family(lambda u: terms(u)[1:2]),
            (0.0,),
            {claim.COVARIANCE: Value(-1.0, off_by_tenth(-1.0, **{"plain mean of H": 0.0}))},
        ),
        claim.SECOND: Member(
            linear_family(lambda u: terms(u)[2:]),
            (0.0,),
            {claim.SECOND: Value(0.5, off_by_tenth(0.5) | second)},
        ),
        claim.MEAN_ORDER: Order(
            mean, 1.0, target_off_by_tenth(mean, **{"H itself": lambda u: values(parameters, u)})
        ),
        claim.SLOPE_ORDER: Order(
            lambda u: -terms(u)[1],
            1.0,
            {"covariance 10 % more": lambda u: -1.1 * terms(u)[1]},
        ),
        claim.SAMPLED: sampled(parameters),
    }


def series(parameters: claim.Parameters, u) -> list[np.ndarray]:
    """The terms of the series over tokens at chart points u (n, d) that attend to themselves."""
    x, n = parameters.tokens_density.manifold.embed(u), len(u)
    scores = parameters.scored.paired(np.repeat(x, n, axis=0), np.tile(x, (n, 1)))
    return high_temperature_terms(scores.reshape(n, n), values(parameters, u))


def values(parameters: claim.Parameters, u) -> np.ndarray:
    """H (n, c) at chart points u (n, d)."""
    return values_of(parameters.tokens_density.manifold, parameters.features, u)


def sampled(parameters: claim.Parameters) -> Value:
    """Least squares of A H - E H on Cov(f(x, .), H), at this temperature and N = infinity."""
    p, score = parameters.tokens_density, parameters.scored.pseudo_metric
    nodes = claim.N_NODES[p.manifold.dim]
    tokens = population(p, parameters.temperature, score, nodes)
    h = tokens.features(parameters.features)
    mean, covariance, _ = high_temperature_terms(score(tokens.x, tokens.x), h, tokens.mass)

    def at(temperature):
        after = population(p, temperature, score, nodes).attend(h)
        return float(least_squares(after - mean, [covariance], tokens.mass)[0])

    value = at(parameters.temperature)
    limit, warm = -1 / parameters.temperature, at(1.03 * parameters.temperature)
    wrong = {"plain mean of H": 0.0, "temperature 3 % off": warm, "first term alone: -1/T": limit}
    return Value(value, off_by_tenth(value) | wrong, "at size")


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """E H and -Cov(f(x, .), H) at the tokens of the series, (n, c)."""
    mean, covariance, _ = series(parameters, parameters.field_tokens())
    return {"mean": mean, "slope": -covariance}
