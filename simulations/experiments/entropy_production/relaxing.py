"""A measure and features that relax on a curve, among infinitely many tokens: with a symmetric
score, and with one that keeps a current. For the figure."""

from __future__ import annotations

import numpy as np

from simulations.experiments.entropy_production.limit import attention
from simulations.observables.entropy import stationary_measure, transition_matrix
from simulations.tokens import quadrature_tokens
from theory.claims import entropy_production as claim
from theory.setting.nodes import nodes_for


def relaxing_chains(parameters: claim.Parameters, run) -> dict[str, np.ndarray]:
    """For each score (3, moments): relative entropy to the stationary law, Dirichlet form of the
    features and entropy produced in a step, the last two over eps."""

    def study():
        return {f"relaxing_{name}": relaxed(case) for name, case in cases.items()}

    cases = parameters.relaxing_cases()
    return run.remember("relaxing", study)


def relaxed(case: claim.Case) -> np.ndarray:
    """The three of one score, (3, moments)."""
    p, eps = case.density, claim.RELAXING_TEMPERATURE
    tokens = quadrature_tokens(p, nodes_for(p.manifold, eps / (2 * claim.STRENGTH)))
    matrix = transition_matrix(attention(case, tokens, eps))
    law = stationary_measure(matrix)
    ratio = p.manifold.function(claim.RELAXING_START)(tokens.coordinates) / p(tokens.coordinates)
    measure = tokens.weights * ratio / (tokens.weights @ ratio)
    h = p.manifold.function(claim.RELAXING_FEATURES)(tokens.coordinates)
    several = np.linalg.matrix_power(matrix, claim.RELAXING_EVERY)
    found = []
    for _ in claim.relaxing_steps():
        found.append(
            (
                relative_entropy(measure, law),
                dirichlet_form(matrix, law, h) / eps,
                produced(matrix, measure) / eps,
            )
        )
        measure, h = measure @ several, several @ h
    return np.array(found).T


def relative_entropy(measure, law) -> float:
    """sum_i mu_i log(mu_i/pi_i) of positive measures (n,)."""
    return float(measure @ np.log(measure / law))


def dirichlet_form(matrix, law, h) -> float:
    """(1/2) sum_ij pi_i P_ij (H_i - H_j)^2."""
    squares = h**2 + matrix @ h**2 - 2 * h * (matrix @ h)
    # the law is stationary: both squares have one mean
    return float(law @ squares / 2)


def produced(matrix, measure) -> float:
    """sum_ij mu_i P_ij log(mu_i P_ij/(mu_j P_ji)): of a step of a measure that may still move."""
    flow = measure[:, None] * matrix
    # where weights are lost in rounding nothing flows
    happens = (flow > 0) & (flow.T > 0)
    return float(flow[happens] @ np.log(flow[happens] / flow.T[happens]))
