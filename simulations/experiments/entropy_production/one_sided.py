"""Chains with steps that have no way back: nearest keys, keys ahead on a ring, a causal mask."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.normalisations import top_k
from simulations.observables.entropy import (
    entropy_production,
    masked,
    one_way_flow,
    stationary_measure,
    transition_matrix,
)
from simulations.statistics.intervals import exact, rounded
from simulations.store.quantities import Measurement, Number
from simulations.tokens import iid_tokens, quadrature_tokens
from theory.claims import entropy_production as claim
from theory.setting.pseudo_metrics import GAUSSIAN
from theory.setting.references import reference_density

COUNTED = "counted"


def one_sided_chains(parameters: claim.Parameters, run) -> Measurement:
    """How much of each chain has no way back, beside softmax among the same tokens."""
    return Measurement(nearest_keys(parameters, run) | ring_masks(parameters))


def nearest_keys(parameters: claim.Parameters, run) -> dict[str, Number]:
    """The share of samples whose e is infinite, of top-k and of softmax."""
    p = reference_density("sphere", parameters.density)

    def infinite(matrix):
        return np.isinf(entropy_production(matrix, stationary_measure(matrix)))

    def sample(s):
        rng = np.random.default_rng([parameters.seed, 11, s])
        tokens = iid_tokens(p, claim.N_CHAIN, rng)
        softmax = AttentionOperator(tokens, GAUSSIAN, claim.CHAIN_TEMPERATURE)
        operators = (top_k(tokens, claim.NEIGHBOURS), softmax)
        return [infinite(transition_matrix(operator)) for operator in operators]

    def study():
        return {"infinite": run.over_seeds(sample, claim.N_NEAREST, "entropy_production: top-k")}

    nearest, softmax = run.remember("top-k", study)["infinite"].mean(axis=0)
    wrong = {"softmax": exact(float(softmax), 0.0, COUNTED)}
    return {claim.TOP_K: Number(exact(float(nearest), 0.0, COUNTED), wrong)}


def ring_masks(parameters: claim.Parameters) -> dict[str, Number]:
    """Softmax on a ring, with the keys ahead only, and with the earlier keys only."""
    ring = quadrature_tokens(reference_density("circle", parameters.density), claim.N_CHAIN)
    softmax = transition_matrix(AttentionOperator(ring, GAUSSIAN, claim.CHAIN_TEMPERATURE))
    n = len(ring)
    steps = (np.arange(n) - np.arange(n)[:, None]) % n
    ahead, causal = masked(softmax, steps <= n // 3), masked(softmax, np.tri(n))
    even = np.full(n, 1 / n)

    def no_way_back(matrix):
        law = stationary_measure(matrix)
        return rounded(one_way_flow(matrix, law) / (1 - law @ np.diag(matrix)), n)

    def first(matrix):
        return rounded(stationary_measure(matrix)[0], n)

    def infinite(matrix):
        return exact(float(np.isinf(entropy_production(matrix, even))), 0.0, COUNTED)

    return {
        claim.AHEAD: Number(no_way_back(ahead), {"softmax": no_way_back(softmax)}),
        claim.CAUSAL: Number(first(causal), {"softmax": first(softmax)}),
        claim.CAUSAL_INFINITE: Number(infinite(causal), {"softmax": infinite(softmax)}),
    }
