"""At given N one temperature estimates the generator best; it and its error fall as the law
predicts, with N^(−2/(d+6)) in the end, and not as the best bandwidth of a density would."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import sampling_noise as claim

SHADES = ("#9ecae1", "#4292c6", "#2171b5", "#08306b")  # the darker, the more tokens
MINIMA = (("best temperature", "D", SHADES[-1]), ("least error", "o", SHADES[1]))


def draw(judged):
    """A column a d = 1, 2, 3. Above: relative error against eps, a shade an N. Below: the minima
    over what is predicted for them."""
    sizes = judged.parameters.best_sizes()
    figure, panels = plt.subplots(
        2, 3, figsize=(style.WIDE, 5.2), sharey="row", height_ratios=(1.3, 1)
    )
    for d, (top, bottom) in zip(claim.DIMENSIONS, panels.T, strict=True):
        draw_errors(top, judged, d, sizes)
        draw_ratios(bottom, judged, d, sizes)
        top.set_title(f"$d$ = {d}")
    panels[0, 0].set_ylabel("error of $(A - I)H/\\varepsilon$\nagainst $L H$, relative")
    panels[1, 0].set_ylabel("minimum over\nits prediction")
    tops, bottoms = (row[0].get_legend_handles_labels() for row in panels)
    handles, labels = (top + bottom for top, bottom in zip(tops, bottoms, strict=True))
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=7)
    return figure


def draw_errors(ax, judged, d, sizes):
    """The measured errors of each N on the predicted curve, and the measured minimum."""
    a, curves = judged.arrays, judged.curves
    shades = [SHADES[round(k * (len(SHADES) - 1) / (len(sizes) - 1))] for k in range(len(sizes))]
    measured, predicted = a[f"best_errors_{d}"], curves[f"best_{d}"]
    for n, colour, errors, curve in zip(sizes, shades, measured, predicted, strict=True):
        ax.plot(curves["best_temperatures"], curve, color=colour, lw=0.8)
        ax.plot(claim.BEST_GRID, errors, "o", ms=2.5, color=colour, label=f"measured, $N$ = {n:,}")
    (eps, *_), (least, *_) = a[f"best_minima_{d}"].transpose(0, 2, 1)
    ax.plot(eps, least, "D", ms=4, mfc="white", color=style.PREDICTED, zorder=4)
    ax.plot([], [], color=style.PREDICTED, lw=0.8, label="above: predicted at that $N$")
    ax.plot([], [], "D", ms=4, mfc="white", color=style.PREDICTED, label="above: measured minimum")
    style.log_axis(ax.xaxis)
    style.log_axis(ax.yaxis)
    ax.set(xlabel=r"temperature $\varepsilon$", ylim=(0.02, 5))


def draw_ratios(ax, judged, d, sizes):
    """Temperature and error of the measured minima, with their intervals, over the predicted ones;
    the rival law starts at the first of them."""
    law = judged.curves[f"best_law_{d}"].T
    ax.axhline(1.0, color=style.PREDICTED, lw=1, label="below: prediction")
    numbers = np.array(sizes, dtype=float)
    rival = (numbers / numbers[0]) ** (-2 / (d + 4))
    minima = judged.arrays[f"best_minima_{d}"]
    for (name, marker, colour), values, right, shift in zip(
        MINIMA, minima, law, (0.94, 1.06), strict=True
    ):
        value, low, high = (values / right[:, None]).T
        ax.errorbar(
            shift * numbers, value, [value - low, high - value], fmt=marker, ms=4, mfc="white",
            color=colour, label=f"below: {name} (offset for legibility)", zorder=3,
        )  # fmt: skip
        wrong = right[0] * rival / right
        ax.plot(numbers, wrong, f"{marker}--", ms=3, color=style.CONTROL, zorder=2)
    ax.plot([], [], "--", color=style.CONTROL, label="below: rival law, $N^{-2/(d+4)}$")
    style.thousands_axis(ax.xaxis, sizes, "tokens $N$")


def facts(judged):
    """The sizes of this study are its own."""
    sizes = judged.parameters.best_sizes()
    return (f"here N = {sizes[0]:,} to {sizes[-1]:,}",)
