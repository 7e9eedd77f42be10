"""At given N one temperature estimates the generator best; it and its error fall as
N^(-2/(d+6))."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import sampling_noise as claim

SHADES = ("#9ecae1", "#4292c6", "#2171b5", "#08306b")  # the darker, the more tokens


def draw(judged):
    """Three panels, d = 1, 2, 3: relative error against eps, a shade an N, and the minima."""
    figure, panels = plt.subplots(1, 3, figsize=(7.0, 3.4), sharey=True)
    sizes = judged.parameters.best_sizes()
    for d, ax in zip(claim.DIMENSIONS, panels, strict=True):
        draw_errors(ax, judged, d, sizes)
        style.log_axis(ax.xaxis)
        style.log_axis(ax.yaxis)
        ax.set(xlabel=r"temperature $\varepsilon$", title=f"$d$ = {d}", ylim=(0.02, 5))
    panels[0].set_ylabel(r"error of $(A - I)H/\varepsilon$ against $L H$, relative")
    panels[0].plot([], [], color=style.PREDICTED, lw=0.8, label="predicted, exactly at $N$")
    figure.legend(
        *panels[0].get_legend_handles_labels(), loc="outside lower center", ncol=4, fontsize=7
    )
    return figure


def draw_errors(ax, judged, d, sizes):
    """The measured curve of each N, its judged minimum, and where the rival law would have it."""
    a, curves = judged.arrays, judged.curves
    shades = [SHADES[round(k * (len(SHADES) - 1) / (len(sizes) - 1))] for k in range(len(sizes))]
    measured, predicted = a[f"best_errors_{d}"], curves[f"best_{d}"]
    for n, colour, errors, curve in zip(sizes, shades, measured, predicted, strict=True):
        ax.plot(curves["best_temperatures"], curve, color=colour, lw=0.8)
        ax.plot(claim.BEST_GRID, errors, "o", ms=2.5, color=colour, label=f"measured, $N$ = {n}")
    (eps, *eps_ends), (least, *least_ends) = a[f"best_minima_{d}"].transpose(0, 2, 1)
    bars = [
        np.abs(np.subtract(ends, value)) for ends, value in ((eps_ends, eps), (least_ends, least))
    ]
    ax.errorbar(
        eps, least, bars[1], bars[0], fmt="D", ms=4, mfc="white", color=style.MEASURED[1], zorder=4,
        label="measured minimum",
    )  # fmt: skip
    law = curves[f"best_law_{d}"]
    ax.plot(*law.T, color=style.PREDICTED, lw=0.8)
    wrong = (np.array(sizes) / sizes[0]) ** (-2 / (d + 4))
    ax.plot(
        law[0, 0] * wrong,
        law[0, 1] * wrong,
        "s--",
        ms=3,
        color=style.CONTROL,
        label="rival: $N^{-2/(d+4)}$",
    )
