"""Which scores are reversible, and e by the scores alone: chains whose matrix is formed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.scores import pseudo_metric
from simulations.observables.entropy import (
    entropy_production,
    head_entropy,
    mean_asymmetry,
    stationary_measure,
    transition_matrix,
)
from simulations.statistics.intervals import Interval, rounded
from simulations.store.quantities import Measurement, Number
from simulations.tokens import Tokens, iid_tokens
from theory.claims import entropy_production as claim
from theory.setting.references import reference_density
from theory.setting.scores import Score

T = claim.CHAIN_TEMPERATURE


@dataclass(frozen=True)
class Chain:
    """Softmax attention among tokens as a chain: its operator, matrix P, law pi and scores f."""

    operator: AttentionOperator
    matrix: np.ndarray
    law: np.ndarray
    scores: np.ndarray

    @property
    def entropy(self) -> float:
        return entropy_production(self.matrix, self.law)

    def rounded(self, deviation: float) -> Interval:
        """A deviation of e that would be zero but for rounding: a sum over all pairs."""
        flow = self.law[:, None] * self.matrix
        with np.errstate(divide="ignore"):
            size = 1 + np.sum(flow * np.abs(np.log(flow / flow.T)))
        return rounded(deviation, self.matrix.size, size)


def chain(tokens: Tokens, score: Score) -> Chain:
    operator = AttentionOperator(tokens, pseudo_metric(score), T)
    matrix = transition_matrix(operator)
    scores = pseudo_metric(score)(tokens.points, tokens.points)
    return Chain(operator, matrix, stationary_measure(matrix), scores)


def reversible_chains(parameters: claim.Parameters, run) -> Measurement:
    """e of reversible scores and of others, and its distance to the mean of f_ji - f_ij."""
    p = reference_density("sphere", parameters.density)
    tokens = iid_tokens(p, claim.N_CHAIN, np.random.default_rng([parameters.seed, 10]))
    chains = {name: chain(tokens, f) for name, f in claim.chain_scores(parameters).items()}
    head, product = chains["head"], chains["product"]
    asymmetric = {
        "W_Q != W_K": head.rounded(head.entropy),
        "product of a query and a key part": product.rounded(product.entropy),
    }
    reversible = {claim.SYMMETRIC: "symmetric", claim.PARTS: "parts"}
    quantities = {
        name: Number(chains[key].rounded(chains[key].entropy), asymmetric)
        for name, key in reversible.items()
    }
    quantities[claim.HEAD_IDENTITY] = head_identity(head, parameters.chain_head())
    quantities[claim.GENERAL_IDENTITY] = general_identity(product)
    entropies = {f"entropy_{name}": np.array(c.entropy) for name, c in chains.items()}
    return Measurement(quantities, entropies)


def head_identity(found: Chain, matrix) -> Number:
    """e less (1/eps) sum_i pi_i x_i^T (W - W^T) (A X)_i, and wrong formulas."""
    right = head_entropy(found.operator, found.law, matrix)
    one_way = found.law @ (np.diag(found.scores) - (found.matrix * found.scores).sum(axis=1)) / T
    wrong = {
        "W transposed": found.rounded(found.entropy + right),
        "f_ii - f_ij": found.rounded(found.entropy - one_way),
        "temperature 3 % off": found.rounded(found.entropy - right / 1.03),
    }
    return Number(found.rounded(found.entropy - right), wrong)


def general_identity(found: Chain) -> Number:
    """e less (1/eps) sum_ij pi_i P_ij (f_ji - f_ij), and at another temperature."""
    right = mean_asymmetry(found.matrix, found.law, found.scores, T)
    wrong = {"temperature 3 % off": found.rounded(found.entropy - right / 1.03)}
    return Number(found.rounded(found.entropy - right), wrong)
