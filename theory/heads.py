"""What first-order analysis says an attention head does to the tokens it is given.

docs/theory.md, "Trained heads": uniform attention, which is what the density does alone, the local
form with the text as its window, and the transport form. Each is a kernel (n, n) whose rows sum to
1, in place of A: it moves the tokens X by kernel X - X. Attention itself is applied nowhere here.

queries, keys: (n, d_k), W_Q x + b_Q and W_K x + b_K; allowed (n, n): the keys that a query may see.
"""

from __future__ import annotations

import numpy as np

from theory.setting.checks import finite_array, positive


def density_alone(allowed) -> np.ndarray:
    """f constant: every query moves to the mean m of the keys that it sees."""
    allowed = np.asarray(allowed, dtype=bool)
    return allowed / allowed.sum(axis=1, keepdims=True)


def local(queries, keys, allowed, temperature: float) -> np.ndarray:
    """The kernel that moves x to m + C b, b = -grad_y f/eps, C the covariance of the keys it sees.

    The keys are affine in the tokens, so C b = -Cov(f(x, .), X)/eps.
    """
    w = density_alone(allowed)
    scores = _scores(queries, keys) / positive("temperature", temperature)
    return w * (1 + scores - (w * scores).sum(axis=1, keepdims=True))


def one_clock(queries, keys, tokens, allowed, temperature: float) -> np.ndarray:
    """The local form with one clock for all directions, as for a round window: m + 2 tau P b.

    2 tau = tr C/r, with r the dimension of the span of the keys in the window, P the projection on
    it. In C b the directions in which the keys are spread have the larger clocks.
    """
    x = finite_array("tokens", tokens, (None, None))
    scores = _scores(queries, keys) / positive("temperature", temperature)
    kernel = density_alone(allowed)
    windows, of_query = np.unique(np.asarray(allowed, dtype=bool), axis=0, return_inverse=True)
    for number, window in enumerate(windows):
        here = np.flatnonzero(of_query == number)
        centred = x[window] - x[window].mean(axis=0)
        gram = centred @ centred.T
        rank = np.linalg.matrix_rank(gram, hermitian=True)
        if rank:
            # P b from b . (y - m) = the centred scores of the keys y
            pull = scores[np.ix_(here, window)] @ np.linalg.pinv(gram, hermitian=True)
            pull -= pull.mean(axis=1, keepdims=True)
            kernel[np.ix_(here, window)] += np.trace(gram) / len(gram) / rank * pull
    return kernel


def transport(queries, keys, allowed) -> np.ndarray:
    """x moves to y*(x), the key of the smallest f(x, .): the limit eps -> 0."""
    best = np.where(allowed, _scores(queries, keys), -np.inf).argmax(axis=1)
    return np.eye(len(best))[best]


def _scores(queries, keys):
    q = finite_array("queries", queries, (None, None))
    return q @ finite_array("keys", keys, q.shape).T
