"""What first-order analysis says an attention head does to the tokens it is given.

docs/theory.md, "Trained heads": the local form with the text as its window, the transport form, and
uniform attention, which is what the density does alone. Attention itself is applied nowhere here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.setting.checks import finite_array, positive


@dataclass(frozen=True)
class Step:
    """Predicted A X - X, displacement (n, D), and sum_j a_ij |x_j - (A X)_i|^2, diffusion (n,)."""

    displacement: np.ndarray
    diffusion: np.ndarray


def density_alone(tokens, allowed) -> Step:
    """f constant: the mean m of the keys that a query sees, and their scatter tr C."""
    x = finite_array("tokens", tokens, (None, None))
    w = _uniform(allowed)
    mean = w @ x
    centred = x - x.mean(axis=0)
    scatter = w @ (centred**2).sum(axis=1) - ((w @ centred) ** 2).sum(axis=1)
    return Step(mean - x, scatter)


def local(queries, keys, tokens, allowed, temperature: float) -> Step:
    """m - x + C(x) b, with b = -grad_y f/eps and C the covariance of the keys in the window.

    The keys are affine in the tokens, so C b = Cov(tokens, keys) q/eps = -Cov(f(x, .), tokens)/eps.
    The diffusion is that of the window, 2 tau in each direction: tr C.
    """
    x, eps = finite_array("tokens", tokens, (None, None)), positive("temperature", temperature)
    scores = finite_array("queries", queries, (len(x), None)) @ np.asarray(keys).T
    w = _uniform(allowed)
    tilt = w * (scores - (w * scores).sum(axis=1, keepdims=True)) / eps
    alone = density_alone(x, allowed)
    return Step(alone.displacement + tilt @ x, alone.diffusion)


def one_clock(queries, keys, tokens, allowed, temperature: float) -> Step:
    """m - x + 2 tau P b: the local form with one clock for all directions, as for a round window.

    2 tau = tr C/r, with r the dimension of the span of the keys in the window, P the projection on
    it. In C b the directions in which the keys are spread have the larger clocks.
    """
    x, eps = finite_array("tokens", tokens, (None, None)), positive("temperature", temperature)
    scores = finite_array("queries", queries, (len(x), None)) @ np.asarray(keys).T / eps
    alone, added = density_alone(x, allowed), np.zeros_like(x)
    windows, of_query = np.unique(np.asarray(allowed, dtype=bool), axis=0, return_inverse=True)
    for number, window in enumerate(windows):
        here = np.flatnonzero(of_query == number)
        centred = x[window] - x[window].mean(axis=0)
        gram = centred @ centred.T
        rank = np.linalg.matrix_rank(gram, hermitian=True)
        if rank:
            # P b from b . (y - m) = the centred scores of the keys y
            pull = scores[np.ix_(here, window)] @ np.linalg.pinv(gram, hermitian=True) @ centred
            added[here] = np.trace(gram) / len(gram) / rank * pull
    return Step(alone.displacement + added, alone.diffusion)


def transport(queries, keys, tokens, allowed) -> Step:
    """y*(x) - x with y* the key of the smallest f(x, .): the limit eps -> 0. No diffusion."""
    x = finite_array("tokens", tokens, (None, None))
    scores = np.where(allowed, np.asarray(queries) @ np.asarray(keys).T, -np.inf)
    return Step(x[scores.argmax(axis=1)] - x, np.zeros(len(x)))


def _uniform(allowed) -> np.ndarray:
    allowed = np.asarray(allowed, dtype=bool)
    return allowed / allowed.sum(axis=1, keepdims=True)
