"""What holds exactly for softmax, doubly normalised, Sinkhorn, residual, windowed attention: identities and bounds.

The second half of the claim `normalisations` (docs/theory.md, "Received attention" and "Free energy").
"""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.dynamics.evolve import evolve_features, evolve_measure
from simulations.experiments.settings import GAUSSIAN
from simulations.attention.normalisations import (
    convolution,
    doubly_normalised,
    doubly_stochastic,
    log_received,
    received,
    residual,
    sinkhorn,
)  # fmt: skip
from simulations.verdict import check, check_against_measurement, rounding_interval
from theory.normalisations import explained_away_rate
from theory.setting.pseudo_metrics import dot_product, squared_distance, transformed_distance

ROUNDING = 1e-11
GAUSSIAN_TOKENS_COVARIANCE = np.array([[1.0, 0.3, 0.1], [0.3, 1.4, -0.2], [0.1, -0.2, 0.7]])
DOT = dot_product()  # on keys e_1..e_m, queries are rows of scores
METRIC = squared_distance(0.5)  # the dot product, had all tokens one norm
WINDOW = 0.25


def exact_checks(tokens, parameters, received_arrays) -> list:
    """All identities, on one sample of tokens of a curve and on random scores."""
    rng = np.random.default_rng([parameters.seed, 5])
    return [
        *received_checks(tokens, rng, received_arrays),
        sinkhorn_check(rng),
        residual_check(tokens, parameters, rng),
        speed_check(tokens),
        equispaced_check(rng),
        free_energy_check(rng),
        relative_entropy_check(tokens),
    ]


def _identity(quantity, deviation, control, control_deviation, bound=ROUNDING):
    return check_against_measurement(
        quantity, 0.0, rounding_interval(deviation, bound), control, rounding_interval(control_deviation, bound), kind="identity"
    )


# --- received attention ---


def received_attention(rng, n_tokens: int = 400, temperature: float = 0.03) -> dict:
    """The attention Gaussian tokens receive, sorted, under three operators; and the rates at which it vanishes."""
    x = rng.multivariate_normal(np.zeros(3), GAUSSIAN_TOKENS_COVARIANCE, n_tokens)
    made = {
        "dot product": AttentionOperator(x, DOT, temperature),
        "metric": AttentionOperator(x, METRIC, temperature),
        "doubly normalised": doubly_normalised(x, DOT, temperature),
    }
    arrays = {f"received: {name}": np.sort(np.exp(log_received(a))) for name, a in made.items()}
    temperatures = 0.1 / 4.0 ** np.arange(4)
    rates = [-t * log_received(AttentionOperator(x, DOT, t)) for t in temperatures]
    return arrays | {"rates": np.array(rates), "rate_temperatures": temperatures, "rate_predicted": explained_away_rate(x @ x.T)}


def received_checks(tokens, rng, arrays) -> list:
    """Floors of the attention a key receives, and how softmax falls below them."""
    scores, keys = rng.normal(0, 3, (60, 40)), np.eye(40)
    softmax, double = (normalise(scores, DOT, 0.15, keys=keys) for normalise in (AttentionOperator, doubly_normalised))
    heavy = rng.standard_t(2, (300, 3))
    formulas = ("r", "log(1 + r**2)", "r**2 + r**3")
    metrics = [AttentionOperator(x, f, t) for x in (tokens, heavy) for f in (METRIC, *map(transformed_distance, formulas)) for t in (0.03, 1.0, 30.0)]
    off_sphere = arrays["received: dot product"]
    error = np.abs(arrays["rates"] - arrays["rate_predicted"])
    wrong = np.abs(arrays["rates"] - np.median(arrays["rate_predicted"]))
    bound = arrays["rate_temperatures"][:, None] * np.log(arrays["rates"].shape[1])
    return [
        check("N times least received, doubly normalised, worst case", 1.0, rounding_interval(_worst_case_floor(), 1e-6), {"floor 1.1/N": 1.1}),
        _identity("received below 1/N, doubly normalised, random scores", _shortfall(received(double)), "softmax of the same scores", _shortfall(received(softmax))),
        _identity("received below 1/N, softmax of metrics", max(_shortfall(received(a)) for a in metrics), "dot product off the sphere", _shortfall(off_sphere)),
        _identity("error of -T log received_j beyond T log N", _excess(error / bound), "one rate for all keys", _excess(wrong / bound)),
    ]


def _shortfall(attention):
    """How far the least received attention lies below 1/N, as a share of 1/N."""
    return max(1 - len(attention) * attention.min(), 0.0)


def _excess(ratio):
    return max(ratio.max() - 1, 0.0)


def _worst_case_floor(n: int = 50, height: float = 40.0) -> float:
    """N times the least received attention where one query is alone with all keys but one, and all others share that one."""
    scores = np.full((n, n), -height)
    scores[0], scores[1:, 0] = height, 0.0
    return n * received(doubly_normalised(scores, DOT, 1.0, keys=np.eye(n))).min()


# --- normalisations that are exact by construction ---


def sinkhorn_check(rng):
    """Marginals of Sinkhorn attention at sharp scores, run to the end and stopped after five sweeps."""
    x = rng.multivariate_normal(np.zeros(3), GAUSSIAN_TOKENS_COVARIANCE, 300)
    ended, stopped = doubly_stochastic(x, DOT, 0.5), sinkhorn(x, DOT, 0.5, 5)
    return _identity("Sinkhorn: largest error of row and column sums", max(ended.row_error, ended.column_error), "five sweeps", stopped.column_error, 1e-9)


def residual_check(tokens, parameters, rng):
    """(1-s) I + s A moves features by exactly s (A - I) H."""
    h, s = rng.standard_normal((len(tokens), 2)), parameters.share
    operator = AttentionOperator(tokens, GAUSSIAN, parameters.clock)
    moved, whole_step = residual(operator, s) @ h - h, operator @ h - h
    deviations = [np.abs(moved - factor * whole_step).max() for factor in (s, 1.1 * s)]
    return _identity("residual: |(A_s - I)H - s (A - I)H|", deviations[0], "clock off by 10 %", deviations[1])


def speed_check(tokens, steps: int = 5):
    """Features beyond the reach of k windows of radius R, exactly zero."""
    h = np.maximum(tokens.points[:, 0] - np.cos(0.2), 0.0)
    source = tokens.points[h > 0]
    distance = np.linalg.norm(tokens.points[:, None] - source[None], axis=2).min(axis=1)
    beyond = distance > steps * WINDOW * (1 + 1e-12)
    window = AttentionOperator(tokens, GAUSSIAN, 1.0, window=WINDOW)
    softmax = AttentionOperator(tokens, GAUSSIAN, WINDOW**2 / 6)
    leaked = [np.abs(evolve_features(a, h, [steps])[0][beyond]).max() for a in (window, softmax)]
    return _identity(f"window: largest feature beyond {steps} R after {steps} steps", leaked[0], "softmax with the same clock", leaked[1], 0.0)


def equispaced_check(rng, n: int = 101, temperature: float = 0.02):
    """Softmax over equispaced tokens of a circle is the convolution with one of its rows."""

    def deviation(angles):
        operator = AttentionOperator(np.stack([np.cos(angles), np.sin(angles)], axis=1), GAUSSIAN, temperature)
        row = operator.T @ np.eye(n)[0]
        weights = np.roll(row / row.sum(), n // 2)
        return np.abs(operator @ h - convolution(weights, n) @ h).max()

    h, t = rng.standard_normal(n), 2 * np.pi * np.arange(n) / n
    return _identity("equispaced tokens: |A H - convolution of H|", deviation(t), "tokens not equispaced", deviation(t + 0.2 * np.sin(t)))


# --- free energy and relative entropy ---


def free_energy_check(rng, n: int = 40, temperature: float = 0.7):
    """Free energy of any other weights minus that of softmax is eps KL(a'|a)."""
    scores = rng.normal(0, 2, (n, n))
    a = AttentionOperator(scores, DOT, temperature, keys=np.eye(n)) @ np.eye(n)
    other = rng.dirichlet(np.ones(n), n)
    excess = _free_energy(other, -scores, temperature) - _free_energy(a, -scores, temperature)
    right, wrong = temperature * _relative_entropy(other, a), temperature * _relative_entropy(a, other)
    deviations = [np.abs(excess - value).max() for value in (right, wrong)]
    return _identity("free energy: |F(a') - F(a) - eps KL(a'|a)|", deviations[0], "KL(a|a') instead", deviations[1])


def _free_energy(a, f, temperature):
    return (a * f).sum(axis=1) + temperature * (a * np.log(a)).sum(axis=1)


def _relative_entropy(first, second):
    return (first * np.log(first / second)).sum(axis=-1)


def relative_entropy_check(tokens, steps: int = 20):
    """Relative entropy to the stationary law never grows along the chain; that to the uniform law does."""
    operator = AttentionOperator(tokens, GAUSSIAN, 0.05)
    uniform = np.full(len(tokens), 1 / len(tokens))
    laws = evolve_measure(operator, uniform, list(range(steps + 1)))
    growth = [max(np.diff(_relative_entropy(laws, law)).max(), 0.0) for law in (operator.stationary_law, uniform)]
    return _identity("largest growth of relative entropy to pi in a step", growth[0], "to the uniform law", growth[1])
