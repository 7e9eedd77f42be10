"""The drift field of W = c I + eps B on the sphere, with its gradient part (S) and its rotation (K)."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style

CLAIM = "first_order"
TITLES = (r"$2 P_x B^T x$", r"gradient part $\nabla(x^T S\, x)$", r"rotation $-2 K x$")


def draw(result):
    """Three views of the front of the sphere: arrows measured as tangential (A - I)X/tau less 2 grad log p, predicted as lines."""
    a = result.arrays
    frame = view(a["identity_matrix"])
    figure, panels = plt.subplots(1, 3, figsize=(9.0, 3.4))
    x = a["identity_points"] @ frame.T
    front = x[:, 2] > 0.12
    scale = 0.16 / np.linalg.norm(a["identity_predicted"][0], axis=1).max() * 1.35
    for ax, title, measured, predicted in zip(panels, TITLES, a["identity_measured"], a["identity_predicted"], strict=True):
        graticule(ax, frame)
        at, arrow, line = x[front, :2], scale * (measured @ frame.T)[front, :2], scale * (predicted @ frame.T)[front, :2]
        ax.quiver(*at.T, *arrow.T, angles="xy", scale_units="xy", scale=1, width=0.0075, color=style.MEASURED[0], zorder=2)
        ax.plot(*np.stack([at, at + line, np.full_like(at, np.nan)], axis=1).reshape(-1, 2).T, color=style.PREDICTED, lw=0.9, zorder=3)
        # inside the panel: the layout does not make room for titles of axes that are switched off
        ax.text(0, 1.14, title, ha="center", va="bottom")
        ax.set(aspect="equal", xlim=(-1.12, 1.12), ylim=(-1.12, 1.34))
        ax.axis("off")
    figure.legend(
        [plt.Line2D([], [], color=style.MEASURED[0], lw=3), plt.Line2D([], [], color=style.PREDICTED, lw=0.9)],
        [r"measured: tangential part of $(A - I)X/\tau$, less $2\,\nabla\log p$", "predicted"], loc="outside lower center", ncols=2,
    )  # fmt: skip
    return figure


def view(matrix):
    """An orthonormal frame (3, 3) whose last row looks at the sphere from beside the axis of the rotation K."""
    k = (matrix - matrix.T) / 2
    axis = np.array([k[2, 1], k[0, 2], k[1, 0]])
    axis = axis / np.linalg.norm(axis)
    side = np.linalg.eigh((matrix + matrix.T) / 2)[1][:, -1]
    side = side - (side @ axis) * axis
    towards = axis + 0.8 * side / np.linalg.norm(side)
    towards = towards / np.linalg.norm(towards)
    right = np.cross(axis, towards)
    right = right / np.linalg.norm(right)
    return np.array([right, np.cross(towards, right), towards])


def graticule(ax, frame):
    """Outline of the sphere, and the front of its circles of latitude and longitude."""
    turn = np.linspace(0, 2 * np.pi, 181)
    ax.plot(np.cos(turn), np.sin(turn), color="#cccccc", lw=0.8, zorder=0)
    circles = [np.stack([np.sin(t) * np.cos(turn), np.sin(t) * np.sin(turn), np.full_like(turn, np.cos(t))], axis=1) for t in np.pi * np.arange(1, 6) / 6]
    circles += [np.stack([np.sin(turn) * np.cos(p), np.sin(turn) * np.sin(p), np.cos(turn)], axis=1) for p in np.pi * np.arange(6) / 6]
    for circle in circles:
        seen = circle @ frame.T
        seen[seen[:, 2] < 0] = np.nan
        ax.plot(seen[:, 0], seen[:, 1], color="#e4e4e4", lw=0.5, zorder=0)
