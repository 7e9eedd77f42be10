"""The response of i.i.d. tokens to the covariance of scores and features, at one temperature."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.scores import pseudo_metric
from simulations.observables.generator import feature_columns
from simulations.statistics.fits import fit_coefficients
from simulations.statistics.intervals import mean_interval
from simulations.statistics.jackknife import jackknifed
from simulations.store.quantities import Number
from simulations.tokens import iid_tokens
from theory.claims import linear_attention as claim


def sampled_response(parameters: claim.Parameters, run) -> dict[str, Number]:
    """Least squares of A H - mean H on the covariance, both over the sample itself.

    Jackknifed: what falls as 1/N drops out.
    """
    p = parameters.tokens_density

    def sample(s):
        rng = np.random.default_rng([parameters.seed, 3, 1, s])
        tokens = iid_tokens(p, parameters.n_tokens, rng)
        return jackknifed(lambda part: response(parameters, part.coordinates), tokens)

    def study():
        return {
            "responses": run.over_seeds(sample, parameters.n_seeds, "linear_attention: samples")
        }

    values = run.remember("samples", study)["responses"]
    return {claim.SAMPLED: Number(mean_interval(values))}


def response(parameters: claim.Parameters, u) -> float:
    """The coefficient of Cov(f(x, .), H) in A H - mean H, over tokens at chart points u (n, d)."""
    m, score = parameters.tokens_density.manifold, parameters.scored
    x, h = m.embed(u), feature_columns(m, parameters.features, u)
    centred = h - h.mean(axis=0)
    after = AttentionOperator(x, pseudo_metric(score), parameters.temperature) @ h
    blocks = np.array_split(np.arange(len(x)), max(1, len(x) ** 2 // 1_000_000))
    covariance = np.concatenate([scores(score, x[rows], x) @ centred for rows in blocks]) / len(x)
    return float(fit_coefficients(after - h.mean(axis=0), [covariance])[0])


def scores(score, x, y) -> np.ndarray:
    """f(x_i, y_j), (n, m)."""
    n, m = len(x), len(y)
    return score.paired(np.repeat(x, m, axis=0), np.tile(y, (n, 1))).reshape(n, m)
