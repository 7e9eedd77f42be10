"""Embeddings by the eigenfunctions of attention, and the probabilities of t-SNE."""

from __future__ import annotations

import numpy as np

from simulations.attention import AttentionOperator
from simulations.attention.normalisations import alpha_normalised
from simulations.classical.pairs import pair_attention
from simulations.observables.spectrum import leading_eigenpairs
from theory.setting.checks import InputError, finite_array, fits, real, whole
from theory.setting.pseudo_metrics import GAUSSIAN, squared_distance

START = 0  # of Lanczos's method: the seed of its first vector, which the result does not depend on


def diffusion_map(points, temperature: float, count: int, alpha: float = 0.0) -> np.ndarray:
    """Diffusion coordinates mu_k phi_k, k = 1..count, of the points (n, D): (n, count).

    mu_k, phi_k: eigenvalues and eigenfunctions of attention with f = |x - y|^2/4, weights divided
    by (column sum)^alpha first; phi_k has norm 1 in the stationary law and its largest entry is
    positive (Coifman and Lafon 2006).
    """
    points = finite_array("points", points, (None, None))
    return eigenmaps(alpha_normalised(points, GAUSSIAN, temperature, real("alpha", alpha)), count)


def eigenmaps(attention: AttentionOperator, count: int) -> np.ndarray:
    """The coordinates mu_k phi_k, k = 1..count, of self-attention with a symmetric score."""
    mu, phi = leading_eigenpairs(attention, whole("count", count, 1) + 1, _rng())
    return mu[1:] * signed(phi[:, 1:])


def laplacian_eigenmaps(
    points, temperature: float, count: int, *, exclude_self: bool = True
) -> np.ndarray:
    """Coordinates of the points (n, D) by the smoothest eigenfunctions of the graph, (n, count).

    Those of attention with f = |x - y|^2 to all points but itself, with norm 1 in the degrees
    sum_j exp(-f_ij/eps), their largest entry positive (Belkin and Niyogi 2003).
    """
    points = finite_array("points", points, (None, None))
    a = AttentionOperator(points, squared_distance(1.0), temperature, exclude_self=exclude_self)
    _, phi = leading_eigenpairs(a, whole("count", count, 1) + 1, _rng())
    return signed(phi[:, 1:]) / np.sqrt(np.exp(a.log_partition).sum())


def signed(functions) -> np.ndarray:
    """Functions (n, c), each with the sign that makes its largest entry positive."""
    rows = np.abs(functions).argmax(axis=0)
    return functions * np.sign(functions[rows, np.arange(functions.shape[1])])


def _rng():
    return np.random.default_rng(START)


ENTROPY_TOLERANCE = float(np.float32(1e-5))  # of t-SNE's search for the temperature
MOST_HALVINGS = 100
PAIR_BYTES = 100  # of t-SNE: distances, indices, exponents, probabilities and their sparse matrix


def tsne_conditionals(
    points, perplexity: float, *, exclude_self: bool = True, one_temperature: bool = False
) -> np.ndarray:
    """p_{j given i} of t-SNE, (n, n): attention to all points but itself, f = |x - y|^2.

    One temperature a query, at which the entropy of its row is the logarithm of the perplexity to
    1e-5, found by halving as in scikit-learn; f in single precision, as there (van der Maaten and
    Hinton 2008). one_temperature: the mean of these for all.
    """
    points = finite_array("points", points, (None, None))
    n, perplexity = len(points), real("perplexity", perplexity)
    if not 1 < perplexity < n - 1:
        raise InputError(f"perplexity: got {perplexity:g} of {n} points, expected 1 to {n - 1}")
    fits("points", n * n, PAIR_BYTES, n)
    f = squared_distance(1.0)(points, points).astype(np.float32).astype(np.float64)
    i, j = np.nonzero(np.ones((n, n)) - exclude_self * np.eye(n))
    beta, low, high = np.ones(n), np.zeros(n), np.full(n, np.inf)
    for _ in range(MOST_HALVINGS):
        p = pair_attention(-beta[i] * f[i, j], i, j, (n, n)) @ np.eye(n)
        excess = _entropy(p) - np.log(np.float32(perplexity).astype(np.float64))
        open_ = np.abs(excess) > ENTROPY_TOLERANCE
        if not open_.any():
            break
        low = np.where(open_ & (excess > 0), beta, low)
        high = np.where(open_ & (excess < 0), beta, high)
        middle = np.where(np.isinf(high), 2 * beta, (low + high) / 2)
        beta = np.where(open_, middle, beta)
    if one_temperature:
        beta = np.full(n, beta.mean())
        p = pair_attention(-beta[i] * f[i, j], i, j, (n, n)) @ np.eye(n)
    return p


def _entropy(p):
    return -(p * np.log(np.where(p > 0, p, 1))).sum(axis=1)
