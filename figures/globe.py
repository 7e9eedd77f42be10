"""The front of the unit sphere, with arrows on it."""

from __future__ import annotations

import numpy as np

from figures import style

FRONT = 0.12  # nearer to the rim arrows are foreshortened
PALE = "#b0b0b0"
BARS = {"headwidth": 1, "headlength": 0, "headaxislength": 0}  # quiver's arrows without a head
TURN = np.linspace(0, 2 * np.pi, 181)


def draw_field(ax, frame, points, measured, predicted, scale):
    """Measured arrows, thin, on predicted bars that end at their tips; points, vectors (n, 3).

    frame: (3, 3), rows right, up, towards the eye. scale: length on the paper of a unit vector.
    """
    graticule(ax, frame)
    seen = (points @ frame.T)[:, 2] > FRONT
    at = (points @ frame.T)[seen, :2]
    for vectors, options in (
        (predicted, BARS | {"width": 0.016, "color": PALE, "zorder": 2}),
        (measured, {"width": 0.005, "color": style.colour("sphere"), "zorder": 3}),
    ):
        arrows = scale * (vectors @ frame.T)[seen, :2]
        ax.quiver(*at.T, *arrows.T, angles="xy", scale_units="xy", scale=1, **options)
    ax.set(aspect="equal", xlim=(-1.12, 1.12), ylim=(-1.12, 1.3))
    ax.axis("off")


def view(matrix):
    """A frame (3, 3) whose last row looks from beside the axis of the rotation K of B = S + K."""
    k = (matrix - matrix.T) / 2
    axis = np.array([k[2, 1], k[0, 2], k[1, 0]])
    axis = axis / np.linalg.norm(axis)
    side = np.linalg.eigh((matrix + matrix.T) / 2)[1][:, -1]
    side = side - (side @ axis) * axis
    return looking_from(axis + 0.8 * side / np.linalg.norm(side), axis)


def looking_from(towards, up):
    """An orthonormal frame (3, 3) whose last row points to the eye."""
    towards = towards / np.linalg.norm(towards)
    right = np.cross(up, towards)
    right = right / np.linalg.norm(right)
    return np.array([right, np.cross(towards, right), towards])


def graticule(ax, frame):
    """Outline of the sphere, and the front of its circles of latitude and longitude."""
    ax.plot(np.cos(TURN), np.sin(TURN), color="#cccccc", lw=0.8, zorder=0)
    latitudes = [
        np.stack([np.sin(t) * np.cos(TURN), np.sin(t) * np.sin(TURN), 0 * TURN + np.cos(t)], axis=1)
        for t in np.pi * np.arange(1, 6) / 6
    ]
    meridians = [
        np.stack([np.sin(TURN) * np.cos(p), np.sin(TURN) * np.sin(p), np.cos(TURN)], axis=1)
        for p in np.pi * np.arange(6) / 6
    ]
    for line in latitudes + meridians:
        seen = line @ frame.T
        seen[seen[:, 2] < 0] = np.nan
        ax.plot(seen[:, 0], seen[:, 1], color="#e4e4e4", lw=0.5, zorder=0)


def legend_lines(plt):
    """Handles of a measured arrow and of a predicted bar."""
    return [
        plt.Line2D([], [], color=style.colour("sphere"), lw=1.5),
        plt.Line2D([], [], color=PALE, lw=4),
    ]
