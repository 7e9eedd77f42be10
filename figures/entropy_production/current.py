"""The stationary current of W = c I + eps B on the sphere: none from the tilt S, and none but from the rotation K."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from figures.first_order_field import graticule, view

CLAIM = "entropy_production"
TITLES = (r"$B = S + K$", r"$S$ alone: $J = 0$", r"$K$ alone")


def draw(result):
    """Three views of the front of the sphere: arrows measured by the antisymmetric flow of the chain, predicted J as lines."""
    a = result.arrays
    frame = view(a["field_matrix"])
    figure, panels = plt.subplots(1, 3, figsize=(9.0, 3.4))
    x = a["field_points"] @ frame.T
    front = x[:, 2] > 0.12
    scale = 0.2 / np.linalg.norm(a["field_predicted"], axis=2).max()
    for ax, title, measured, predicted in zip(panels, TITLES, a["field_measured"], a["field_predicted"], strict=True):
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
        [r"measured: $\frac{1}{2\tau\,dV_i} \sum_j (\pi_i P_{ij} - \pi_j P_{ji})(x_j - x_i)$", r"predicted: $J = 2\rho\,(\nabla\log p + b) - \nabla\rho$"],
        loc="outside lower center", ncols=2,
    )  # fmt: skip
    return figure
