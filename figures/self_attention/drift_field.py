"""The drift that B adds on the sphere, with its gradient part (S) and its rotation (K)."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import globe, style

TITLES = (r"$P_x B^T x/c$", r"gradient part $P_x S\, x/c$", r"rotation $-K x/c$")


def draw(judged):
    """Three views of the sphere: displacements that B adds, over eps, as eps -> 0."""
    p = judged.parameters
    points, predicted = judged.curves["points"], judged.curves["drifts"]
    measured, frame = judged.arrays["drifts"], globe.view(p.matrix)
    figure, panels = plt.subplots(1, 3, figsize=(style.WIDE, 2.9))
    scale = 0.3 / np.linalg.norm(predicted[0], axis=1).max()
    for ax, title, seen, expected in zip(panels, TITLES, measured, predicted, strict=True):
        globe.draw_field(ax, frame, points, seen, expected, scale)
        off = np.abs(seen - expected).max() / np.linalg.norm(expected, axis=1).max()
        # inside the panel: the layout makes no room for titles of axes that are switched off
        ax.text(0, 1.1, f"{title}\nlargest miss {100 * off:.2g} %", ha="center", fontsize=8)
    words = ["measured: displacement that $B$ adds, over $\\varepsilon$", "predicted"]
    figure.legend(globe.legend_lines(plt), words, loc="outside lower center", ncols=2, fontsize=7)
    return figure
