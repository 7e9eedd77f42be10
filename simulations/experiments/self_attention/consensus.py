"""The consensus that a symmetric W reaches, on quadrature nodes, as eps -> 0."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.scores import pseudo_metric
from simulations.statistics.limits import romberg
from simulations.store.quantities import Number
from simulations.tokens import quadrature_tokens
from theory.claims import self_attention as claim


def tilted_consensus(parameters: claim.Parameters, run) -> dict[str, Number]:
    """lim A^t H for H = x^T S x and W = c I + eps S, at each temperature and in the limit."""
    p, s = parameters.tokens_density, parameters.parts[0]

    def level(eps):
        tokens = quadrature_tokens(p, parameters.nodes(eps))
        operator = AttentionOperator(tokens, pseudo_metric(parameters.score(eps, s)), eps)
        return operator.stationary_law @ np.einsum("na,ab,nb->n", tokens.points, s, tokens.points)

    def study():
        # a level less than the other limits: here all nodes attend to each other
        levels = run.progress(parameters.temperatures()[:-1], label="self_attention: consensus")
        return {"values": np.array([level(eps) for eps in levels])}

    return {claim.CONSENSUS: Number(romberg(run.remember("consensus", study)["values"]))}
