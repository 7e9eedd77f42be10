"""Covariances of i.i.d. Gaussian tokens of the plane after a few steps.

A sample is scaled to the mean and the covariance of the law that it is drawn from: their scatter,
which has nothing to do with attention, would hide what the steps do.
"""

from __future__ import annotations

import numpy as np
import sympy as sp

from simulations.experiments.gaussian_closure.gaussian import covariance_of, moved_by
from simulations.statistics.jackknife import jackknifed_interval, jackknifed_twice
from simulations.store.quantities import Measurement, Number
from simulations.tokens import Tokens
from theory.claims import gaussian_closure as claim
from theory.setting.manifolds import Axis, Manifold


def covariances_of_samples(parameters: claim.Parameters, run) -> Measurement:
    """Every entry of S in the plane, jackknifed twice: the first takes the bias of order 1/N."""
    quantities, arrays, where = {}, {}, claim.entries(2)
    for score in claim.STEPS:

        def sample(s, score=score):
            return sampled(parameters, score, s)

        def study(score=score, sample=sample):
            label = f"gaussian_closure: samples, {score}"
            return {"entries": run.over_seeds(sample, parameters.n_seeds, label)}

        values = run.remember(f"samples, {score}", study)["entries"]
        for k, (i, j) in enumerate(where):
            whole, of_halves = values[:, :, k].T
            quantities[claim.entry(2, score, i, j, True)] = Number(
                jackknifed_interval(whole, of_halves)
            )
    return Measurement(quantities, arrays | {"tokens": first_sample(parameters)})


def sampled(parameters: claim.Parameters, score: str, s: int) -> np.ndarray:
    """The entries of one sample by the jackknife, and the mean of those of its halves, (2, 3)."""

    def entries(part):
        after = moved_by(score, scaled(part.points), None, 2, parameters.temperature)
        return covariance_of(after)[np.triu_indices(2)]

    tag = list(claim.STEPS).index(score)
    return jackknifed_twice(entries, gaussian_tokens(parameters, tag, s))


def gaussian_tokens(parameters: claim.Parameters, tag: int, s: int) -> Tokens:
    """i.i.d. tokens N(m, S) of the plane."""
    m, covariance, _ = claim.tokens_of(2)
    rng = np.random.default_rng([parameters.seed, 102, tag, s])
    z = rng.standard_normal((parameters.n_tokens, 2))
    x = m + z @ np.linalg.cholesky(covariance).T
    return Tokens(plane(), x, x)


def scaled(tokens) -> np.ndarray:
    """The affine image of tokens (n, 2) whose mean is m and whose covariance is S."""
    m, covariance, _ = claim.tokens_of(2)
    white = np.linalg.solve(np.linalg.cholesky(covariance_of(tokens)), (tokens - tokens.mean(0)).T)
    return m + white.T @ np.linalg.cholesky(covariance).T


def first_sample(parameters: claim.Parameters) -> np.ndarray:
    """The tokens of the first sample before and after the steps of each score, (3, n, 2)."""
    tokens = scaled(gaussian_tokens(parameters, 0, 0).points)
    after = [moved_by(s, tokens, None, 2, parameters.temperature) for s in claim.STEPS]
    return np.array([tokens, *after])


def plane() -> Manifold:
    """R^2 by its coordinates."""
    u, v = sp.symbols("u v", real=True)
    axes = tuple(Axis(symbol, -np.inf, np.inf, "infinite") for symbol in (u, v))
    return Manifold("plane", axes, (u, v), sp.ImmutableMatrix(sp.eye(2)))
