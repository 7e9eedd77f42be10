"""Gaussian tokens as quadrature nodes, and their steps; what the studies of this claim share."""

from __future__ import annotations

import warnings

import numpy as np
from scipy.special import roots_hermitenorm

from simulations.attention import AttentionOperator
from simulations.attention.operator import LonelyTokensWarning
from theory.claims import gaussian_closure as claim
from theory.setting.pseudo_metrics import GAUSSIAN, PseudoMetric, dot_product


def gaussian_nodes(mean, covariance, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes (n^d, d) and weights (n^d,) of Gauss and Hermite for N(mean, covariance).

    Exact for polynomials up to degree 2 n - 1 along each axis of the Cholesky factor.
    """
    z, w = roots_hermitenorm(n)
    d = len(mean)
    mesh = np.stack(np.meshgrid(*[z] * d, indexing="ij"), axis=-1).reshape(-1, d)
    weights = np.prod(np.meshgrid(*[w / w.sum()] * d, indexing="ij"), axis=0).ravel()
    return np.asarray(mean) + mesh @ np.linalg.cholesky(covariance).T, weights


def moved(tokens, weights, f: PseudoMetric, temperature: float, steps: int, share=None):
    """Tokens (n, d) after so many steps X <- X + share A X, or X <- A X where share is None.

    A X is added to what is there, as in a residual layer: no mean of the two.
    """
    x = tokens
    for _ in range(steps):
        with warnings.catch_warnings():
            # the outermost tokens look at themselves, as they should
            warnings.simplefilter("ignore", LonelyTokensWarning)
            operator = AttentionOperator(x, f, temperature, weights=weights, engine="dense")
            x = operator @ x if share is None else x + share * (operator @ x)
    return x


def moved_by(score: str, tokens, weights, d: int, temperature: float) -> np.ndarray:
    """Tokens (n, d) after the steps that the design has for a score."""
    steps = claim.STEPS[score]
    if score == "dot product":
        f = dot_product(claim.tokens_of(d)[2])
        return moved(tokens, weights, f, 1.0, steps, claim.SHARE)
    return moved(tokens, weights, GAUSSIAN, temperature, steps)


def covariance_of(tokens, weights=None) -> np.ndarray:
    """Covariance (d, d) of tokens (n, d) about their mean, divided by n or by the weights' sum."""
    return np.atleast_2d(np.cov(tokens.T, aweights=weights, ddof=0))
