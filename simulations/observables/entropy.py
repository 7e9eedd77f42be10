"""Entropy production of attention as a Markov chain: how far it is from being the same run backwards."""

from __future__ import annotations

import numpy as np
from scipy.sparse.linalg import ArpackNoConvergence, eigs

from theory.setting.checks import InputError, finite_array

MOST_TOKENS = 4000  # of a matrix of its own: a hundred million numbers in all


def transition_matrix(operator) -> np.ndarray:
    """P (n, n), P_ij = a_ij, of a self-attention operator, entry by entry as it is applied. Raises InputError beyond MOST_TOKENS tokens."""
    n, m = operator.shape
    if n != m or n > MOST_TOKENS:
        raise InputError(
            f"operator: got shape {n} x {m}, expected a square one of at most {MOST_TOKENS} tokens"
        )
    return operator @ np.eye(n)


def stationary_measure(matrix) -> np.ndarray:
    """pi (n,) with pi P = pi and sum 1, for a stochastic matrix P (n, n) with a unique one.

    Raises InputError where the equations do not determine it to 1e-8.
    """
    p = finite_array("matrix", matrix, (None, None))
    # one balance equation follows from the others: the sum takes its place
    balance = p.T - np.eye(len(p))
    balance[-1] = 1.0
    try:
        pi = np.linalg.solve(balance, np.eye(len(p))[-1])
    except np.linalg.LinAlgError:
        pi = np.full(len(p), np.nan)
    defect = np.abs(pi @ p - pi).max()
    if not (defect < 1e-8 and pi.min() > -1e-8):
        raise InputError(
            f"matrix: its stationary law is determined only to {defect:.2g}, smallest entry {pi.min():.2g}; is the chain in several pieces?"
        )
    return np.maximum(pi, 0.0)


def stationary_law(operator, start=None) -> np.ndarray:
    """pi (n,) with A^T pi = pi and sum 1, of a self-attention operator of any size: no matrix is formed.

    start (n,): a guess, by default the weights of the tokens. Raises InputError where Arnoldi's method does not find it to 1e-9.
    """
    n, m = operator.shape
    if n != m or n < 12:
        raise InputError(
            f"operator: got shape {n} x {m}, expected a square one of at least 12 tokens"
        )
    guess = operator.weights if start is None else finite_array("start", start, (n,))
    try:
        # a wide Krylov space: the gap below 1 is of the order of the clock
        pi = eigs(operator.T, k=1, which="LM", v0=guess, ncv=min(20, n - 1), tol=0)[1][:, 0]
    except ArpackNoConvergence:
        pi = np.full(n, np.nan)
    pi = (pi / pi.sum()).real
    defect = np.abs(operator.T @ np.nan_to_num(pi) - pi).sum()
    if not (defect < 1e-9 and pi.min() > -1e-9):
        raise InputError(
            f"operator: its stationary law is found only to {defect:.2g}, smallest entry {pi.min():.2g}; is the chain in several pieces?"
        )
    return np.maximum(pi, 0.0)


def head_entropy(operator, law, matrix) -> float:
    """e of f = -x^T W y, up to parts of the query or of the key alone, with no matrix of pairs ("Entropy production").

    (1/eps) sum_i pi_i x_i^T (W - W^T) (A X)_i, as f_ji - f_ij = x_i^T (W - W^T) x_j; law pi (n,), matrix W (D, D).
    """
    x = operator.queries
    w = finite_array("matrix", matrix, (x.shape[1],) * 2)
    pi = finite_array("law", law, (len(x),))
    return float(pi @ ((x @ (w - w.T)) * (operator @ x)).sum(axis=1) / operator.temperature)


def probability_current(operator, law) -> np.ndarray:
    """(1/2) sum_j (pi_i a_ij - pi_j a_ji)(x_j - x_i), (n, D): what flows through each token, in a step ("Entropy production")."""
    x, pi = operator.queries, finite_array("law", law, (len(operator.queries),))[:, None]
    # the two ways of x_i itself cancel, as the law is stationary
    return (pi * (operator @ x) - operator.T @ (pi * x)) / 2


def masked(matrix, mask) -> np.ndarray:
    """P (n, n) with the keys that mask (n, n) forbids left out, and its rows normalised again.

    Raises InputError where a query has no key left.
    """
    p = finite_array("matrix", matrix, (None, None))
    kept = np.where(finite_array("mask", mask, p.shape) > 0, p, 0.0)
    mass = kept.sum(axis=1, keepdims=True)
    if not mass.min() > 0:
        raise InputError(
            f"mask: it leaves query {int(mass.argmin())} without a key, expected at least one each"
        )
    return kept / mass


def entropy_production(matrix, law) -> float:
    """e = sum_ij pi_i P_ij log(pi_i P_ij/(pi_j P_ji)), in nats a step; inf where a step that happens has no way back.

    matrix P (n, n) stochastic, law pi (n,): docs/theory.md, "Entropy production".
    """
    p, pi = finite_array("matrix", matrix, (None, None)), finite_array("law", law, (len(matrix),))
    flow = pi[:, None] * p
    happens = flow > 0
    if (happens & (flow.T == 0)).any():
        return float("inf")
    both = flow[happens]
    return float(both @ np.log(both / flow.T[happens]))


def one_way_flow(matrix, law) -> float:
    """The probability of a step that has no way back, sum of pi_i P_ij over P_ji = 0."""
    p, pi = finite_array("matrix", matrix, (None, None)), finite_array("law", law, (len(matrix),))
    return float((pi[:, None] * p)[(p > 0) & (p.T == 0)].sum())


def mean_asymmetry(matrix, law, scores, temperature: float) -> float:
    """(1/eps) sum_ij pi_i P_ij (f_ji - f_ij) for scores f (n, n): e, by the scores alone ("Entropy production")."""
    p, pi = finite_array("matrix", matrix, (None, None)), finite_array("law", law, (len(matrix),))
    f = finite_array("scores", scores, p.shape)
    return float((pi[:, None] * p * (f.T - f)).sum() / temperature)
