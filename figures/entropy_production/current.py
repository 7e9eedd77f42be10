"""The stationary current of W = c I + ε B on the sphere: none from the tilt S, and none but from
the rotation K."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import globe, style

TITLES = ("$B = S + K$", "$S$ alone: no current", "$K$ alone")


def draw(judged):
    """Three views of the sphere: the antisymmetric flow of the chain, and J over 2 c."""
    a = judged.arrays
    figure, panels = plt.subplots(1, 3, figsize=(style.WIDE, 2.9))
    predicted = judged.curves["currents"]
    largest = np.linalg.norm(predicted, axis=2).max()
    frame = globe.view(a["matrix"])
    rows = zip(panels, TITLES, a["currents"], predicted, strict=True)
    for ax, title, measured, expected in rows:
        globe.draw_field(ax, frame, a["current_points"], measured, expected, 0.4 / largest)
        off = np.abs(measured - expected).max() / largest
        # inside the panel: the layout makes no room for titles of axes that are switched off
        miss = f"largest miss {style.power_of_ten(off, 0)} of max |$J$|"
        ax.text(0, 1.1, f"{title}\n{miss}", ha="center", fontsize=8)
    words = [
        r"measured: $\frac{1}{2\varepsilon\,dV_i} \sum_j\,"
        r" (\pi_i P_{ij} - \pi_j P_{ji})(x_j - x_i)$",
        r"predicted: $J/(2c)$, $J = 2\rho\,(\nabla\log p + b) - \nabla\rho$",
    ]
    figure.legend(globe.legend_lines(plt), words, loc="outside lower center", ncols=2, fontsize=7)
    return figure
