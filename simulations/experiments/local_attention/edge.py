"""Which keys a window holds: equispaced tokens on a circle, and a radius that is a chord of theirs."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.scores import pseudo_metric
from simulations.statistics.intervals import rounded
from simulations.store.quantities import Number
from simulations.tokens import quadrature_tokens
from theory.claims import local_attention as claim
from theory.setting.densities import density
from theory.setting.manifolds import circle
from theory.setting.scores import score

ENGINES = ("dense", "truncated")  # those that have windows


def window_edge() -> dict[str, Number]:
    """Keys in a window whose edge they lie on, and the eigenvalue of cos t, means over engines."""
    tokens = quadrature_tokens(density(circle()), claim.RING)
    radius = 2 * np.sin(np.pi * claim.STEPS / claim.RING)
    flat = pseudo_metric(score("0*y1", 2))
    keys, eigenvalues = [], []
    for engine in ENGINES:
        operator = AttentionOperator(tokens, flat, 1.0, window=radius, engine=engine)
        # equal weights: a token's own is one over the number of its keys
        keys.append((1 / operator.self_weight).mean())
        x = tokens.points[:, :1]
        eigenvalues.append(float(np.sum(x * (operator @ x)) / np.sum(x**2)))
    return {
        claim.KEYS: Number(rounded(float(np.mean(keys)), claim.RING, claim.RING)),
        claim.EIGENVALUE: Number(rounded(float(np.mean(eigenvalues)), claim.RING)),
    }
