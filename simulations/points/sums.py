"""Sums of the Gaussian kernel exp(-r^2/(4 eps)) over all pairs of tokens, over temperatures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.setting.checks import InputError, finite_array

N_TEMPERATURES = 36
GROUPS = 20  # of tokens, each left out in turn for an interval
AT_ONCE = 2_000_000  # pairs
FINEST, COARSEST = 1 / 16, 1.0  # temperatures over squared distances: nearest ones, and all


@dataclass(frozen=True)
class Sums:
    """Of tokens (n, D) at temperatures (t,).

    kernel, squares: (t, GROUPS, GROUPS), sums of K and of K r^2/(4 eps) over pairs i != j of two
    groups. neighbours: 1/E sum_j a_ij^2, (t,); jump: E sum_j a_ij |x_j - x_i|^2, (t,); own: E a_ii,
    (t,), all with the token itself. spread: mean squared distance of two tokens.
    """

    n: int
    temperatures: np.ndarray
    kernel: np.ndarray
    squares: np.ndarray
    neighbours: np.ndarray
    jump: np.ndarray
    own: np.ndarray
    spread: float

    @property
    def clocks(self) -> np.ndarray:
        """tau/l^2, (t,): 2 d tau the mean squared jump, d l^2 the total variance."""
        return self.jump / self.spread


def squared_distances(x, rows) -> np.ndarray:
    """|x_i - x_j|^2 of rows (a slice) with all, (rows, n)."""
    lengths = (x**2).sum(axis=1)
    return np.maximum(lengths[rows, None] + lengths - 2 * x[rows] @ x.T, 0.0)


def blocks(n):
    step = max(1, AT_ONCE // n)
    return [slice(k, min(k + step, n)) for k in range(0, n, step)]


def grid(x) -> np.ndarray:
    """Temperatures from a 16th of the median squared distance of nearest tokens to the mean one."""
    nearest, total = [], 0.0
    for rows in blocks(len(x)):
        apart = squared_distances(x, rows)
        total += float(apart.sum())
        apart[np.arange(apart.shape[0]), np.arange(rows.start, rows.stop)] = np.inf
        nearest.append(apart.min(axis=1))
    mean = total / (len(x) * (len(x) - 1))
    # distances from a difference of squares are right to rounding of the largest
    least = max(float(np.median(np.concatenate(nearest))), 1e-13 * mean)
    if not (np.isfinite(mean) and mean > 0):
        raise InputError("points: their distances overflow, expected smaller coordinates")
    return np.geomspace(FINEST * least, COARSEST * mean, N_TEMPERATURES)


def kernel_sums(points, temperatures=None, progress=iter) -> Sums:
    """All sums of tokens (n, D), in an order that is fixed: groups are the tokens in their order."""
    x = finite_array("points", points, (None, None))
    n = len(x)
    eps = grid(x) if temperatures is None else finite_array("temperatures", temperatures, (None,))
    starts = np.arange(GROUPS) * n // GROUPS
    group = np.searchsorted(starts, np.arange(n), side="right") - 1
    kernel, squares = np.zeros((2, len(eps), GROUPS, GROUPS))
    neighbours, jump, own = np.zeros((3, len(eps)))
    total = 0.0
    for rows in progress(blocks(n)):
        apart = squared_distances(x, rows)
        total += float(apart.sum())
        here = np.arange(apart.shape[0])
        for t, e in enumerate(eps):
            k = np.exp(apart / (-4 * e))
            k[here, np.arange(rows.start, rows.stop)] = 0.0
            degrees = 1 + k.sum(axis=1)
            moved = k * apart
            np.add.at(kernel[t], group[rows], np.add.reduceat(k, starts, axis=1))
            np.add.at(squares[t], group[rows], np.add.reduceat(moved, starts, axis=1) / (4 * e))
            jump[t] += float((moved.sum(axis=1) / degrees).sum())
            neighbours[t] += float(((1 + (k**2).sum(axis=1)) / degrees**2).sum())
            own[t] += float((1 / degrees).sum())
    spread = total / (n * (n - 1))
    return Sums(n, eps, kernel, squares, n / neighbours, jump / n, own / n, spread)
