"""Attention as a Markov chain with a matrix, in plain NumPy: its law and its entropy production.

docs/theory.md, "Entropy production". The independent twin of simulations/observables/entropy.py,
used by predictions at finite temperature.
"""

from __future__ import annotations

import numpy as np

from theory.setting.checks import finite_array, positive


def softmax_chain(scores, temperature: float, mass) -> np.ndarray:
    """P (n, n), P_ij = m_j exp(-f_ij/eps)/sum_k m_k exp(-f_ik/eps), of scores f (n, n), masses (n,)."""
    f = finite_array("scores", scores, (None, None)) / positive("temperature", temperature)
    weights = mass * np.exp(f.min(axis=1)[:, None] - f)
    return weights / weights.sum(axis=1, keepdims=True)


def invariant_law(p) -> np.ndarray:
    """pi (n,) with pi P = pi and sum 1: the null vector of (P - I)^T by least squares."""
    n = len(p)
    equations = np.vstack([p.T - np.eye(n), np.ones(n)])
    right = np.append(np.zeros(n), 1.0)
    # normal equations: n + 1 equations that agree
    return np.linalg.solve(equations.T @ equations, equations.T @ right)


def entropy_rate(p, law) -> float:
    """sum_ij pi_i P_ij log(pi_i P_ij/(pi_j P_ji)), in nats a step, of a chain with P > 0."""
    flow = law[:, None] * p
    return float((flow * np.log(flow / flow.T)).sum())
