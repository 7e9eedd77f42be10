"""Quadrature of sharp windows: nodes that fill {y : |y - x| <= R} for each query x.

On nodes shared by all queries a sharp window cuts between nodes and converges slowly. Here each
query has nodes of its own: straight lines in the chart leave it in every direction, and end where
the chord reaches the radius.
"""

from __future__ import annotations

import numpy as np

from theory.setting.checks import InputError, positive
from theory.setting.manifolds import Manifold
from theory.setting.quadrature import chart_quadrature

RADII, ANGLES = 20, 56
_STEPS = 60  # bisections of the length of a line, to rounding
_GROWTHS = 12  # of the bracket, by a quarter each
_GRID = {1: 4000, 2: 160}  # per axis, where windows are looked at from afar


def window_quadrature(
    m: Manifold, u, radius: float, radii: int = RADII, angles: int = ANGLES
) -> tuple[np.ndarray, np.ndarray]:
    """Chart points (n, k, d) and weights (n, k) of dV that fill the window of each query u (n, d).

    Gauss-Legendre along each line, the trapezoidal rule over the directions; weights up to a factor
    of each query. Raises InputError for d > 2, and where a window reaches a pole of the chart or
    does not close up along a line: a smaller radius, or other queries, are right.
    """
    radius = positive("radius", radius)
    if m.dim > 2:
        raise InputError(f"manifold: got {m.name} of dimension {m.dim}, expected 1 or 2")
    u = m.check_coordinates(u)
    lines = _directions(m, u, angles)
    ends = _ends(m, u, lines, radius)
    t, w = np.polynomial.legendre.leggauss(radii)
    share, w = (t + 1) / 2, w / 2
    lengths = share[None, :, None] * ends[:, None, :]
    nodes = u[:, None, None, :] + lengths[..., None] * lines[:, None, :, :]
    # dV = sqrt(det g) s^(d-1) ds along a line; the determinant of the frame is common to all
    weights = w[None, :, None] * ends[:, None, :] * lengths ** (m.dim - 1)
    nodes = nodes.reshape(len(u), -1, m.dim)
    flat = nodes.reshape(-1, m.dim)
    _require_inside(m, flat)
    return nodes, weights.reshape(len(u), -1) * m.volume(flat).reshape(len(u), -1)


def inner_box(m: Manifold, radius: float) -> list[tuple[float, float]]:
    """The chart without its poles: where windows of this radius do not reach one, (low, high).

    Half a radius stays between a window and the pole. Raises InputError where nothing is left.
    """
    box = []
    for k, axis in enumerate(m.axes):
        margin = 0.0
        if axis.kind == "pole":
            middle = np.array([[(a.low + a.high) / 2 for a in m.axes]])
            margin = 1.5 * radius / np.sqrt(m.metric(middle)[0, k, k])
        if 2 * margin > 0.9 * axis.length:
            raise InputError(
                f"radius: got {radius:g} on {m.name}, whose windows reach a pole of the chart, "
                f"expected a smaller one"
            )
        box.append((axis.low + margin, axis.high - margin))
    return box


def require_one_piece(m: Manifold, u, radius: float) -> None:
    """Raise InputError unless the ball |y - x| <= R of each query u (n, d) is one piece of M.

    The volume that the lines fill is compared with that of all grid points of M within the ball;
    a second sheet or an arm that folds back makes up the difference.
    """
    _, weights = window_quadrature(m, u, radius)
    grid, volume = chart_quadrature(m, _GRID[m.dim])
    x, y = m.embed(u), m.embed(grid)
    if m.dim == 1:
        filled = weights.sum(axis=1) * np.sqrt(m.inverse_metric(u)[:, 0, 0])
    else:
        turn = 2 * np.pi / ANGLES
        filled = weights.sum(axis=1) * turn * np.sqrt(np.linalg.det(m.inverse_metric(u)))
    within = ((x[:, None, :] - y[None, :, :]) ** 2).sum(axis=2) <= radius**2
    ratio = (within @ volume) / filled
    # the edge of the ball cuts through the cells of the grid
    cell = np.sqrt(volume.max()) if m.dim == 2 else volume.max()
    allowed = 1 + 4 * cell / radius
    if ratio.max() > allowed:
        raise InputError(
            f"radius: got {radius:g} on {m.name}, where a ball holds {ratio.max():.3g} times the "
            f"piece about its centre, expected a radius that keeps other parts of it out"
        )


def _directions(m, u, angles):
    turn = 2 * np.pi * np.arange(angles) / angles
    unit = (
        np.array([[1.0], [-1.0]]) if m.dim == 1 else np.stack([np.cos(turn), np.sin(turn)], axis=1)
    )
    # of unit length in the metric of the query: the window is nearly round in them
    frame = np.linalg.inv(np.linalg.cholesky(m.metric(u)))
    return np.einsum("nba,kb->nka", frame, unit)


def _ends(m, u, lines, radius):
    """The length (n, k) at which each line (n, k, d) leaves the window: where the chord is R."""
    x = np.repeat(m.embed(u), lines.shape[1], axis=0)
    start, direction = np.repeat(u, lines.shape[1], axis=0), lines.reshape(-1, m.dim)

    def outside(s):
        y = m.embed(start + s[:, None] * direction)
        return np.linalg.norm(y - x, axis=1) > radius

    low, high = np.zeros(len(start)), np.full(len(start), radius)
    for _ in range(_GROWTHS):
        left = outside(high)
        if left.all():
            break
        high = np.where(left, high, 1.25 * high)
    else:
        raise InputError(
            f"radius: got {radius:g} on {m.name}, which a line of the chart does not leave; "
            f"expected a smaller one"
        )
    for _ in range(_STEPS):
        middle = (low + high) / 2
        left = outside(middle)
        low, high = np.where(left, low, middle), np.where(left, middle, high)
    return low.reshape(lines.shape[:2])


def _require_inside(m, coordinates):
    for axis, value in zip(m.axes, coordinates.T, strict=True):
        if axis.kind != "periodic" and not (axis.low < value.min() and value.max() < axis.high):
            raise InputError(
                f"radius: a window reaches the end of the chart of {m.name} in {axis.symbol}; "
                f"expected a smaller radius, or points farther inside"
            )
