"""Where tokens are pulled by B, by S alone and by K alone: vectors for the figure."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.scores import pseudo_metric
from simulations.statistics.limits import richardson
from simulations.tokens import quadrature_tokens
from theory.claims import self_attention as claim


def drift_vectors(parameters: claim.Parameters, run) -> dict[str, np.ndarray]:
    """The displacement that B adds to that of c I, over eps, tangential, (3, n, 3), as eps -> 0."""
    p = parameters.tokens_density
    x, none = p.manifold.embed(claim.arrows()), np.zeros((3, 3))

    def moved(b, eps):
        keys = quadrature_tokens(p, parameters.nodes(eps))
        score = pseudo_metric(parameters.score(eps, b))
        return AttentionOperator(x, score, eps, keys=keys) @ keys.points

    def vectors(b):
        coarse, fine = ((moved(b, e) - moved(none, e)) / e for e in parameters.temperatures()[2:4])
        drift = richardson(coarse, fine)
        return drift - (drift * x).sum(axis=1, keepdims=True) * x

    def study():
        return {"drifts": np.array([vectors(b) for b in (parameters.matrix, *parameters.parts)])}

    return run.remember("vectors", study)
