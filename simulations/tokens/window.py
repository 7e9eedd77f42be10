"""Attention inside a sharp window at N = infinity: keys on quadrature nodes that fill the window of each query.

On nodes shared by all queries a sharp window cuts between nodes and converges slowly. Here each query has nodes of its
own: straight lines in the chart leave it in every direction, and end where the chord reaches the radius.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simulations.tokens.sampling import Tokens
from theory.setting.checks import InputError, positive
from theory.setting.densities import Density

RADII, ANGLES = 20, 56
_STEPS = 60


def window_tokens(density: Density, u, radius: float, radii: int = RADII, angles: int = ANGLES) -> Iterator[Tokens]:
    """Nodes that fill {y : |y - x| <= radius} for each x = X(u), u (n, d) with d <= 2, with weights p dV that sum to 1.

    Gauss-Legendre along each line, the trapezoidal rule over the directions. Raises InputError in d > 2, and where a
    window reaches a pole of the chart or does not close up along a line: a smaller radius, or other points, are right.
    """
    m, radius = density.manifold, positive("radius", radius)
    if m.dim > 2:
        raise InputError(f"manifold: got {m.name} of dimension {m.dim}, expected 1 or 2")
    u = m.check_coordinates(u)
    turn = 2 * np.pi * np.arange(angles) / angles
    unit = np.array([[1.0], [-1.0]]) if m.dim == 1 else np.stack([np.cos(turn), np.sin(turn)], axis=1)
    # directions of unit length in the metric of the query: the window is nearly round in them
    frame = np.linalg.inv(np.linalg.cholesky(m.metric(u)))
    lines = np.einsum("nba,kb->nka", frame, unit)
    ends = _ends(m, u, lines, radius)
    t, w = np.polynomial.legendre.leggauss(radii)
    share, w = (t + 1) / 2, w / 2
    for start, line, end in zip(u, lines, ends, strict=True):
        nodes = start + (share[:, None] * end)[:, :, None] * line
        # dV = sqrt(det g) s^(d-1) ds along a line; the determinant of the frame is common to all
        weights = (w[:, None] * end) * (share[:, None] * end) ** (m.dim - 1)
        coordinates = nodes.reshape(-1, m.dim)
        _require_inside(m, coordinates)
        mass = weights.ravel() * m.volume(coordinates) * density(coordinates)
        yield Tokens(m, coordinates, m.embed(coordinates), mass / mass.sum())


def _ends(m, u, lines, radius):
    """Where each line, of directions (n, k, d), leaves the window: the length (n, k) at which the chord is `radius`."""
    x = np.repeat(m.embed(u), lines.shape[1], axis=0)
    start, direction = np.repeat(u, lines.shape[1], axis=0), lines.reshape(-1, m.dim)

    def excess(s):
        return np.linalg.norm(m.embed(start + s[:, None] * direction) - x, axis=1) - radius

    low, high = np.zeros(len(start)), np.full(len(start), radius)
    for _ in range(12):
        outside = excess(high) > 0
        if outside.all():
            break
        high = np.where(outside, high, 1.25 * high)
    else:
        raise InputError(f"radius: got {radius:g} on {m.name}, which a line of the chart does not leave; expected a smaller one")
    for _ in range(_STEPS):
        middle = (low + high) / 2
        outside = excess(middle) > 0
        low, high = np.where(outside, low, middle), np.where(outside, middle, high)
    return low.reshape(lines.shape[:2])


def _require_inside(m, coordinates):
    for axis, value in zip(m.axes, coordinates.T, strict=True):
        if axis.kind != "periodic" and not (axis.low < value.min() and value.max() < axis.high):
            raise InputError(f"radius: a window reaches the end of the chart of {m.name} in {axis.symbol}; expected a smaller radius, or points farther inside")
