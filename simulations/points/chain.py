"""The Markov chain of attention among tokens of unknown density: what holds of it exactly, and its
spectrum, at one temperature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulations.attention import AttentionOperator
from simulations.observables.spectrum import leading_eigenpairs
from simulations.points.sums import blocks, squared_distances
from theory.setting.checks import positive
from theory.setting.pseudo_metrics import GAUSSIAN

EIGENVALUES = 8
CLOSE = 1e-6  # 1 - mu of clusters that no weight joins


@dataclass(frozen=True)
class Chain:
    """Of tokens that attend to each other with exp(-r^2/(4 eps)).

    row_error: largest |row sum - 1|; balance: |<G, A H>_pi - <A G, H>_pi| of random features, over
    their norms; eigenvalues: the largest; pieces: of them that are 1; received: least and largest
    column sum; log_density: standard deviation of log degree, which smooths log p over the kernel.
    """

    temperature: float
    row_error: float
    balance: float
    eigenvalues: np.ndarray
    pieces: int
    received: tuple[float, float]
    log_density: float


def chain_of(points, temperature: float, seed: int) -> Chain:
    """points: (n, D), n >= 50."""
    eps, rng = positive("temperature", temperature), np.random.default_rng([seed, 1])
    # a kernel with its nearest key at a distance of many reaches is the identity: no warning twice
    operator = AttentionOperator(points, GAUSSIAN, eps, engine="dense")
    n = len(points)
    g, h = rng.standard_normal((2, n))
    moved = operator @ np.column_stack([h, g])
    pi = operator.stationary_law
    scale = np.sqrt((pi @ g**2) * (pi @ h**2))
    values, _ = leading_eigenpairs(operator, EIGENVALUES, rng, tolerance=1e-10)
    received = operator.T @ np.ones(n)
    return Chain(
        eps,
        row_error(points, operator),
        float(abs(pi @ (g * moved[:, 0]) - pi @ (h * moved[:, 1])) / scale),
        values,
        int((1 - values < CLOSE).sum()),
        (float(received.min()), float(received.max())),
        float(np.log(operator.degrees).std()),
    )


def row_error(points, operator) -> float:
    """Largest |row sum - 1| of exp(-r^2/(4 eps)) over the operator's partition."""
    sums = [
        np.exp(
            squared_distances(points, rows) / (-4 * operator.temperature)
            - operator.log_partition[rows, None]
        ).sum(axis=1)
        for rows in blocks(len(points))
    ]
    return float(np.abs(np.concatenate(sums) - 1).max())
