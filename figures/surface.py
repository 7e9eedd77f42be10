"""A surface in space seen from afar: its cells from the back to the front, and which points show."""

from __future__ import annotations

import numpy as np
from matplotlib.collections import PolyCollection

PIXELS = 50  # of the picture's longer side, in which the nearest cell hides what is behind it
THICKNESS = 0.06  # of the extent: as near to the nearest cell, a point lies on it


def draw_cells(ax, frame, corners, faces, **options) -> None:
    """Cells with corners (a + 1, b + 1, 3) in colours (a b, 4), the nearest drawn last.

    frame: (3, 3), rows right, up, towards the eye.
    """
    seen = corners @ frame.T
    quads = np.stack([seen[:-1, :-1], seen[1:, :-1], seen[1:, 1:], seen[:-1, 1:]], axis=2)
    quads = quads.reshape(-1, 4, 3)
    order = np.argsort(quads[:, :, 2].mean(axis=1))
    cells = PolyCollection(
        quads[order, :, :2], facecolors=faces[order], edgecolors=faces[order], linewidths=0.3,
        rasterized=True, **options,
    )  # fmt: skip
    ax.add_collection(cells)
    low, high = seen[..., :2].min(axis=(0, 1)), seen[..., :2].max(axis=(0, 1))
    margin = 0.04 * (high - low).max()
    ax.set(
        aspect="equal",
        xlim=(low[0] - margin, high[0] + margin),
        ylim=(low[1] - margin, high[1] + margin),
    )
    ax.axis("off")


def shaded(corners, frame, colour=(0.93, 0.93, 0.93), depth: float = 0.35) -> np.ndarray:
    """Colours (a b, 4) of cells in one colour, darker where they turn away from the eye."""
    # diagonals, as an edge at a pole has no length
    normals = np.cross(corners[1:, 1:] - corners[:-1, :-1], corners[1:, :-1] - corners[:-1, 1:])
    normals = normals.reshape(-1, 3)
    length = np.linalg.norm(normals, axis=1)
    facing = np.abs(normals @ frame[2]) / np.where(length > 0, length, 1.0)
    light = 1 - depth * (1 - facing)
    return np.column_stack([light[:, None] * np.array(colour), np.ones(len(light))])


def visible(frame, corners, points) -> np.ndarray:
    """Which points (n, 3) on the surface no nearer cell hides, (n,)."""
    # corners are too few where cells are large: their middles and edges too
    fine = _refined(_refined(corners)).reshape(-1, 3) @ frame.T
    seen = points @ frame.T
    low, extent = fine[:, :2].min(axis=0), np.ptp(fine[:, :2], axis=0).max()

    def pixel(p):
        return np.clip(((p[:, :2] - low) / extent * (PIXELS - 1)).round(), 0, PIXELS - 1).astype(
            int
        )

    nearest = np.full((PIXELS, PIXELS), -np.inf)
    np.maximum.at(nearest, tuple(pixel(fine).T), fine[:, 2])
    return seen[:, 2] > nearest[tuple(pixel(seen).T)] - THICKNESS * extent


def _refined(corners):
    """Corners of half the cells' size."""
    for axis in (0, 1):
        corners = np.moveaxis(corners, axis, 0)
        middles = (corners[1:] + corners[:-1]) / 2
        fine = np.empty((len(corners) + len(middles), *corners.shape[1:]))
        fine[::2], fine[1::2] = corners, middles
        corners = np.moveaxis(fine, 0, axis)
    return corners
