"""Predictions of the claim `markov`."""

from __future__ import annotations

import numpy as np

from theory.claims import markov as claim
from theory.consensus import density_mean, limit_variance, sample_law, squared_density_mean
from theory.predictions import Order, Prediction, Value, off_by_tenth, target_off_by_tenth
from theory.setting.references import probe_features


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """The law of the consensus value, its limit, and identities; see theory/claims/markov.py."""
    p, feature, n = parameters.tokens_density(), parameters.feature(), parameters.n_tokens
    mean, of_mean = sample_law(p, feature, parameters.temperature, n)
    variance = n * of_mean
    limit, plain = limit_variance(p, feature), density_mean(p, feature)
    known = {"weights known, not learnt: a quarter": variance / 4}
    return {
        claim.CONSENSUS: Value(mean, off_by_tenth(mean, **{"plain mean of H": plain}), "at size"),
        claim.VARIANCE: Value(variance, off_by_tenth(variance, **known), "at size"),
        claim.BIAS: order_of_limit(parameters),
        claim.LIMIT_VARIANCE: Value(limit, off_by_tenth(limit)),
        **{name: Value(0.0, kind="identity") for name in claim.IDENTITIES},
    }


def order_of_limit(parameters: claim.Parameters) -> Order:
    """The consensus of each probe feature tends to its mean in p^2, not in p."""
    right, wrong = (curve[None] for curve in curves(parameters).values())

    def target(u):
        return right

    return Order(target, 1.0, target_off_by_tenth(target, **{"int H p": lambda u: wrong}))


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """The limit of the consensus of each probe feature, and what plain averaging would give."""
    p = parameters.tokens_density()
    features = probe_features(p.manifold)
    return {
        "limit": np.array([squared_density_mean(p, f) for f in features]),
        "rival": np.array([density_mean(p, f) for f in features]),
    }
