"""At given N one temperature estimates the generator best; it and its error fall as N^(-2/(d+6))."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style

CLAIM = "sampling_noise"


def draw(result):
    """Three panels, d = 1, 2, 3: root mean squared error against the temperature, one colour an N, and the law of the minima."""
    a = result.arrays
    figure, panels = plt.subplots(1, 3, figsize=(8.2, 3.1))
    for d, ax in zip((1, 2, 3), panels, strict=True):
        for colour, n, grid, errors, predicted in zip(
            style.MEASURED, a["best_sizes"], a[f"best_grid_{d}"], a[f"best_errors_{d}"], a[f"best_predicted_{d}"], strict=False
        ):  # fmt: skip
            root = np.sqrt(errors)
            ax.plot(grid, np.sqrt(predicted), color=colour)
            ax.errorbar(grid, root.mean(axis=0), style.half_width(root), fmt="o", ms=3, color=colour, label=f"measured, $N = {n}$")
        law = a[f"best_law_{d}"]
        ax.plot(law[:, 0], law[:, 1], "k+-", lw=1, ms=7, label=r"law of the minimum, $N^{-2/(d+6)}$")
        wrong = (a["best_sizes"] / a["best_sizes"][0]) ** (2 / (d + 6) - 2 / (d + 4))
        ax.plot(law[:, 0] * wrong, law[:, 1] * wrong, "s--", lw=1, ms=3, color=style.CONTROL, label=r"control: $N^{-2/(d+4)}$")
        ax.set(xscale="log", yscale="log", xlabel=r"temperature $\varepsilon$", title=f"$d = {d}$")
        plain_ticks(ax.xaxis, (0.01, 0.02, 0.05, 0.1, 0.2), ax.get_xlim())
        plain_ticks(ax.yaxis, (0.1, 0.2, 0.3, 0.5, 1, 2, 3), ax.get_ylim())
    panels[0].set_ylabel(r"error of $(A - I)H/\tau$ against $L H$")
    panels[0].plot([], [], color=style.PREDICTED, lw=0.8, label="predicted (lines in colour)")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncol=3, fontsize=7)
    return figure


def plain_ticks(axis, ticks, limits):
    """Ticks of a logarithmic axis written as plain numbers, those within the limits."""
    shown = [t for t in ticks if limits[0] <= t <= limits[1]]
    axis.set_ticks(shown, [f"{t:g}" for t in shown])
    axis.set_ticks([], minor=True)
