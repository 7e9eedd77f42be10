"""Predictions of the claim `markov`."""

from __future__ import annotations

import numpy as np

from theory.claims import markov as claim
from theory.consensus import density_mean, limit_variance, sample_law, squared_density_mean
from theory.predictions import Order, Prediction, Value, off_by_tenth
from theory.setting.references import probe_features


def predict(parameters: claim.Parameters) -> dict[str, Prediction]:
    """The law of the consensus value, its limit, and identities; see theory/claims/markov.py."""
    p, feature, n = parameters.tokens_density(), parameters.feature(), parameters.n_tokens
    mean, variance = sample_law(p, feature, parameters.temperature, n)
    limit, plain = limit_variance(p, feature), density_mean(p, feature)
    right, wrong = (curve[None] for curve in curves(parameters).values())
    return {
        claim.CONSENSUS: Value(mean, {"plain mean of H": plain}, "at size"),
        claim.VARIANCE: Value(
            n * variance, {"weights known, not learnt: a quarter": n * variance / 4}, "at size"
        ),
        claim.BIAS: Order(lambda u: right, 1.0, {"int H p": lambda u: wrong}),
        claim.LIMIT_VARIANCE: Value(limit, off_by_tenth(limit)),
        **{name: Value(0.0, kind="identity") for name in claim.IDENTITIES},
    }


def curves(parameters: claim.Parameters) -> dict[str, np.ndarray]:
    """The limit of the consensus of each probe feature, and what plain averaging would give."""
    p = parameters.tokens_density()
    features = probe_features(p.manifold)
    return {
        "limit": np.array([squared_density_mean(p, f) for f in features]),
        "rival": np.array([density_mean(p, f) for f in features]),
    }
