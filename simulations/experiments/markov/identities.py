"""What holds to rounding on one sample, and the wrong methods for which it does not."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.statistics.intervals import bounded, rounded
from simulations.store.quantities import Number
from simulations.tokens import iid_tokens
from theory.claims import markov as claim
from theory.setting.pseudo_metrics import (
    GAUSSIAN,
    cosine,
    dot_product,
    mahalanobis,
    squared_distance,
    transformed_distance,
    user_function,
)

MOST_STEPS = 5000  # to consensus


def pseudo_metrics(ambient_dim: int, rng) -> dict:
    """One pseudo-metric of every kind, asymmetric ones included."""
    matrix = rng.standard_normal((ambient_dim, ambient_dim)) / np.sqrt(ambient_dim)

    def skewed(x, y):
        return (x[0] - y[1]) ** 2 + 0.3 * x[1] * y[0]

    return {
        "squared distance": squared_distance(0.25),
        "distance": transformed_distance("r"),
        "Mahalanobis": mahalanobis(matrix),
        "dot product x^T A y": dot_product(matrix),
        "cosine": cosine(),
        "user function": user_function(skewed),
    }


def identities(parameters: claim.Parameters) -> dict[str, Number]:
    """Row sums, maximum principle, detailed balance, conservation, consensus."""
    rng = np.random.default_rng([parameters.seed, 0])
    tokens = iid_tokens(parameters.tokens_density(), parameters.n_tokens, rng)
    scores = pseudo_metrics(tokens.points.shape[1], rng)
    n, eps = len(tokens), parameters.temperature
    h = rng.uniform(-1, 1, (n, 3))
    gaussian = AttentionOperator(tokens, GAUSSIAN, eps)
    skew = AttentionOperator(tokens, scores["dot product x^T A y"], eps)
    pi, equal = gaussian.stationary_law, np.full(n, 1 / n)
    asymmetric = {"asymmetric score": rounded(imbalance(skew, h, pi), n)}
    plain = {"plain sum": rounded(change(gaussian, h, equal), n)}
    return {
        **row_identities([AttentionOperator(tokens, f, eps) for f in scores.values()], h),
        claim.BALANCE: Number(rounded(imbalance(gaussian, h, pi), n), asymmetric),
        claim.CONSERVED: Number(rounded(change(gaussian, h, pi), n), plain),
        claim.REACHED: consensus_reached(gaussian, h[:, 0], pi),
    }


def row_identities(operators, h) -> dict[str, Number]:
    """Row sums and the maximum principle; normalising by columns breaks both."""
    n, ones = len(h), np.ones((len(h), 1))
    ranged = np.hstack([h, ones])
    rows, wrong_rows, excess, wrong_excess = [], [], [], []
    for operator in operators:
        # the same weights normalised by columns: "diffusion" that averages nothing
        columns = np.maximum(operator.T @ ones, 1e-9)
        rows.append(np.abs(operator @ ones - 1).max())
        wrong_rows.append(np.abs(operator @ (1 / columns) - 1).max())
        excess.append(over_range(operator @ ranged, ranged))
        wrong_excess.append(over_range(operator @ (ranged / columns), ranged))
    return {
        claim.ROWS: Number(
            rounded(max(rows), n), {"normalised by columns": rounded(min(wrong_rows), n)}
        ),
        claim.EXCESS: Number(
            rounded(max(excess), n), {"normalised by columns": rounded(max(wrong_excess), n)}
        ),
    }


def over_range(after, before) -> float:
    """By how much some feature leaves the range it had."""
    above = (after.max(axis=0) - before.max(axis=0)).max()
    below = (before.min(axis=0) - after.min(axis=0)).max()
    return max(above, below, 0.0)


def imbalance(operator, h, law) -> float:
    """|<G, A H> - <A G, H>| in a law, for the first two features."""
    after = operator @ h[:, :2]
    return abs(law @ (h[:, 0] * after[:, 1]) - law @ (after[:, 0] * h[:, 1]))


def change(operator, h, law) -> float:
    """The largest change of the mean of a feature in one step."""
    return np.abs(law @ (operator @ h) - law @ h).max()


def consensus_reached(operator, h, law) -> Number:
    """A^t H for t so large that its spread is rounding, against sum_i pi_i H_i."""
    after, steps = h, 0
    while np.ptp(after) > 1e-14 and steps < MOST_STEPS:
        after, steps = operator @ after, steps + 1
    # the limit lies between the extremes of A^t H, so their gap bounds what is left
    left, why = float(np.ptp(after)), "spread that is left"

    def distance(value):
        deviation = rounded(np.abs(after - value).max(), max(steps, 1) * len(h))
        return bounded(deviation, left, why)

    return Number(distance(law @ h), {"plain mean of H": distance(h.mean())})
