"""What holds to rounding for other normalisations, and the wrong methods for which it does not."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.normalisations import (
    convolution,
    doubly_normalised,
    doubly_stochastic,
    received,
    residual,
    sinkhorn,
)
from simulations.dynamics.evolve import evolve_features, evolve_measure
from simulations.statistics.intervals import bounded, counted, rounded
from simulations.store.quantities import Measurement, Number
from simulations.tokens import iid_tokens
from theory.claims import normalisations as claim
from theory.setting.pseudo_metrics import GAUSSIAN, dot_product

DOT = dot_product()
TOLERANCE = 1e-10  # of Sinkhorn's column sums
RADIUS, STEPS = 0.25, 5


def exact_identities(parameters: claim.Parameters) -> Measurement:
    """All identities, on one sample of tokens of the circle and on random scores."""
    rng = np.random.default_rng([parameters.seed, 4])
    tokens = iid_tokens(parameters.tokens_density(claim.CURVE), 1000, rng)
    return Measurement(
        {
            claim.KEY_BIASES: key_biases(rng),
            **sinkhorn_marginals(rng),
            claim.SHARE: residual_share(tokens, parameters, rng),
            claim.SPEED: finite_speed(tokens),
            claim.EQUISPACED: equispaced(rng),
            claim.FREE_ENERGY: free_energy(rng),
            claim.RELATIVE_ENTROPY: relative_entropy_growth(tokens),
        }
    )


def key_biases(rng, n: int = 40, temperature: float = 0.5) -> Number:
    """Doubly normalised attention with a bias of each key, and with one of each query."""
    # on keys e_1..e_n queries are rows of scores
    scores, bias = rng.standard_normal((n, n)), rng.standard_normal(n)

    def change(biased):
        plain, other = (
            doubly_normalised(s, DOT, temperature, keys=np.eye(n)) @ np.eye(n)
            for s in (scores, biased)
        )
        # scores in the exponent err by their rounding over the temperature
        return rounded(float(np.abs(plain - other).max()), n, np.abs(biased).max() / temperature)

    return Number(change(scores + bias), {"a bias of each query": change(scores + bias[:, None])})


def sinkhorn_marginals(rng, n: int = 300, temperature: float = 1.0) -> dict[str, Number]:
    """Errors of row and column sums at sharp scores, run to the end and stopped after five."""
    x = rng.multivariate_normal(np.zeros(3), claim.TOKENS_COVARIANCE, n)
    ended = doubly_stochastic(x, DOT, temperature, TOLERANCE)
    stopped = sinkhorn(x, DOT, temperature, claim.STOPPED_SWEEPS)
    columns = bounded(rounded(ended.column_error, n), TOLERANCE, "tolerance of the sweeps")
    # the same scores divided by their column sums alone
    softmax = AttentionOperator(x, DOT, temperature)
    sums = softmax @ (1 / received(softmax))
    by_columns = rounded(float(np.abs(sums - 1).max()), n)
    early = {f"{claim.STOPPED_SWEEPS} sweeps": rounded(stopped.column_error, n)}
    return {
        claim.SINKHORN_ROWS: Number(
            rounded(ended.row_error, n), {"normalised by columns": by_columns}
        ),
        claim.SINKHORN_COLUMNS: Number(columns, early),
    }


def residual_share(tokens, parameters, rng) -> Number:
    """(1-s) I + s A moves features by exactly s (A - I) H."""
    h, s = rng.standard_normal((len(tokens), 2)), parameters.share
    operator = AttentionOperator(tokens, GAUSSIAN, parameters.temperature)
    moved, whole = residual(operator, s) @ h - h, operator @ h - h

    def deviation(factor):
        error = float(np.abs(moved - factor * whole).max())
        return rounded(error, len(tokens), np.abs(h).max())

    return Number(deviation(s), {"clock 10 % more": deviation(1.1 * s)})


def finite_speed(tokens) -> Number:
    """Features beyond the reach of some windows of radius R: zeros, not small numbers."""
    h = np.maximum(tokens.points[:, 0] - np.cos(0.2), 0.0)
    source = tokens.points[h > 0]
    distance = np.linalg.norm(tokens.points[:, None] - source[None], axis=2).min(axis=1)
    beyond = distance > STEPS * RADIUS * (1 + 1e-12)
    window = AttentionOperator(tokens, GAUSSIAN, claim.WINDOW_TEMPERATURE, window=RADIUS)
    softmax = AttentionOperator(tokens, GAUSSIAN, RADIUS**2 / 6)

    def reached(operator):
        after = evolve_features(operator, h, [STEPS])[0]
        return counted(float(np.abs(after[beyond]).max()))

    leaked, everywhere = reached(window), reached(softmax)
    return Number(leaked, {"softmax": everywhere})


def equispaced(rng, n: int = 101, temperature: float = 0.02) -> Number:
    """Softmax over equispaced tokens of a circle is the convolution with one of its rows."""
    h, t = rng.standard_normal(n), 2 * np.pi * np.arange(n) / n

    def deviation(angles):
        points = np.stack([np.cos(angles), np.sin(angles)], axis=1)
        operator = AttentionOperator(points, GAUSSIAN, temperature)
        row = operator.T @ np.eye(n)[0]
        weights = np.roll(row / row.sum(), n // 2)
        error = np.abs(operator @ h - convolution(weights, n) @ h).max()
        # exponents r^2/(4 eps) up to 1/eps err by their rounding
        return rounded(float(error), n, np.abs(h).max() / temperature)

    return Number(deviation(t), {"tokens not equispaced": deviation(t + 0.2 * np.sin(t))})


def free_energy(rng, n: int = 40, temperature: float = 0.7) -> Number:
    """Free energy of any other weights less that of softmax, against eps KL(a'|a)."""
    scores = rng.normal(0, 2, (n, n))
    a = AttentionOperator(scores, DOT, temperature, keys=np.eye(n)) @ np.eye(n)
    other = rng.dirichlet(np.ones(n), n)

    def energy(weights):
        entropy = (weights * np.log(weights)).sum(axis=1)
        return (weights * -scores).sum(axis=1) + temperature * entropy

    def deviation(divergence):
        error = np.abs(energy(other) - energy(a) - temperature * divergence).max()
        return rounded(float(error), n, np.abs(scores).max())

    wrong = {"KL(a|a')": deviation(relative_entropy(a, other))}
    return Number(deviation(relative_entropy(other, a)), wrong)


def relative_entropy(first, second):
    """KL(first | second) of laws in the last axis."""
    return (first * np.log(first / second)).sum(axis=-1)


def relative_entropy_growth(tokens, steps: int = 20, temperature: float = 0.05) -> Number:
    """Relative entropy to the stationary law never grows; that to the uniform law does."""
    operator = AttentionOperator(tokens, GAUSSIAN, temperature)
    uniform = np.full(len(tokens), 1 / len(tokens))
    laws = evolve_measure(operator, uniform, list(range(steps + 1)))

    def growth(law):
        most = max(np.diff(relative_entropy(laws, law)).max(), 0.0)
        return rounded(float(most), len(tokens))

    return Number(growth(operator.stationary_law), {"to the uniform law": growth(uniform)})
