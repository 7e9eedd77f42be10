"""What attention does to the tokens of a choice: measured, with intervals, and nothing predicted.

One sample is shown, with its features step by step. Coefficients and the drift are means over
several samples. A new sample comes with a new seed.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from figures.explore.choice import (
    ALPHAS,
    CLOCK,
    DRIFT,
    SINKHORN,
    SOFTMAX,
    STEPS,
    TAKEN,
    Choice,
)
from simulations.attention import AttentionOperator
from simulations.attention.normalisations import doubly_stochastic
from simulations.dynamics.evolve import evolve_features
from simulations.observables.generator import clock_and_drift
from simulations.statistics.intervals import mean_interval
from simulations.statistics.jackknife import jackknifed
from simulations.store.quantities import Number
from simulations.tokens import Tokens, iid_tokens

SAMPLES = {True: 16, False: 6}  # of softmax and its like; of Sinkhorn, ten times as dear
BALANCED = 1e-4  # of the column sums: far below the scatter of a sample
TOLERANCE = 1e-6  # of an engine: so is this


@dataclass(frozen=True)
class Measured:
    """What was measured.

    quantities: numbers with their intervals; none where the density is uniform, as no drift is
    there. tokens: of the sample shown; features: its A^k H, (STEPS + 1, n). moves: where a step
    takes a token at the places of the choice, along the manifold, (places, D): the mean over
    samples. own: the share of its attention that a token gives to itself. notes: what was warned
    of.
    """

    quantities: dict[str, Number]
    tokens: Tokens
    features: np.ndarray
    moves: np.ndarray
    own: float
    n_samples: int
    notes: tuple[str, ...]


def measure(choice: Choice) -> Measured:
    """Measure; InputError where an operator cannot be made."""
    p, n_samples = choice.p, SAMPLES[choice.normalisation != SINKHORN]
    fits, moves, shown = [], [], None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for s in range(n_samples):
            tokens = iid_tokens(p, choice.n_tokens, np.random.default_rng([choice.seed, s]))
            operators = attention(choice, tokens)
            shown = shown or (tokens, operators[0])
            moves.append(moved(choice, operators[0]))
            if not p.is_uniform:
                whole = fitted(choice, tokens, operators)
                fits.append(jackknifed(lambda part: fitted(choice, part), tokens, whole))
        tokens, operator = shown
        h = p.manifold.function(choice.features)(tokens.coordinates)
        features = evolve_features(operator, h, range(STEPS + 1))
        own = float(operator.self_weight.mean())
    notes = dict.fromkeys(str(w.message) for w in caught if issubclass(w.category, UserWarning))
    names = (DRIFT, CLOCK) if choice.normalisation == SOFTMAX else (DRIFT, CLOCK, TAKEN)
    columns = np.transpose(fits)
    quantities = {
        name: Number(mean_interval(column)) for name, column in zip(names, columns, strict=False)
    }
    return Measured(
        quantities, tokens, features, np.mean(moves, axis=0), own, n_samples, tuple(notes)
    )


def attention(choice: Choice, tokens: Tokens) -> tuple[AttentionOperator, AttentionOperator]:
    """Self-attention of the tokens with the normalisation of the choice, and by softmax."""
    f, eps = choice.score, choice.temperature
    softmax = AttentionOperator(tokens, f, eps, tolerance=TOLERANCE, applications=STEPS)
    if choice.normalisation == SINKHORN:
        return doubly_stochastic(tokens, f, eps, BALANCED).operator, softmax
    if choice.normalisation == SOFTMAX:
        return softmax, softmax
    # the score is symmetric: columns sum to what rows do
    bias = -ALPHAS[choice.normalisation] * softmax.log_partition
    return AttentionOperator(tokens, f, eps, key_bias=bias, tolerance=TOLERANCE), softmax


def fitted(choice: Choice, tokens: Tokens, operators=None) -> np.ndarray:
    """(drift coefficient, clock) of tokens, and what the normalisation takes from the drift.

    operators: those of `attention`, where they are known.
    """
    own, softmax = operators or attention(choice, tokens)
    clock, drift = clock_and_drift(own, choice.p, tokens.coordinates)
    if own is softmax:
        return np.array([drift, clock])
    return np.array(
        [drift, clock, clock_and_drift(softmax, choice.p, tokens.coordinates)[1] - drift]
    )


def moved(choice: Choice, operator: AttentionOperator) -> np.ndarray:
    """A x - x at the places, which are no tokens, less what is normal to the manifold, (n, D)."""
    m, u = choice.p.manifold, choice.places
    x, jacobian = m.embed(u), m.jacobian(u)
    queries = AttentionOperator(
        x, choice.score, choice.temperature, keys=operator.keys, key_bias=operator.key_bias
    )
    slopes = np.einsum("nka,nk->na", jacobian, queries @ operator.keys - x)
    return np.einsum("nka,nab,nb->nk", jacobian, m.inverse_metric(u), slopes)
