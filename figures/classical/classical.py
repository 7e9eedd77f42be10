"""Every classical method as attention, on real data: how far it is from the library that people use
(points, at 0 where all labels agree), and how far one wrong convention takes it (crosses); an
identity must lie left of the first line, its control right of the second."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import ticker

from figures import style
from theory.claims import classical as claim

ROW, BELOW = 0.185, 0.75  # inches: a method, and what is below all of them
LEAST, MOST = 1e-17, 1e2
MISS = 1e-2  # that a control must exceed


def draw(judged):
    """A line a method, in the order of the table; exact zeros have a panel of their own."""
    n = len(claim.METHODS)
    figure, (zero, ax) = plt.subplots(
        1, 2, figsize=(style.WIDE, ROW * n + BELOW), sharey=True, width_ratios=(1, 14)
    )
    places = np.arange(n)[::-1]
    rows = [judged.row(method.name) for method in claim.METHODS]
    for y, row in zip(places, rows, strict=True):
        draw_method(ax if row.measured else zero, ax, y, row)
    for panel in (zero, ax):
        panel.hlines(
            places, *((-1, 1) if panel is zero else (LEAST, MOST)), color="#e4e4e4", lw=0.5
        )
        panel.tick_params(labelsize=style.SMALL, length=2)
    ax.axvline(claim.ROUNDING, color=style.PREDICTED, lw=1)
    ax.axvline(MISS, color=style.CONTROL, ls="--")
    ax.set_title("attention as in the table", loc="left", fontsize=8, color=style.MEASURED[0])
    ax.set_title("one wrong convention", loc="right", fontsize=8, color=style.CONTROL)
    for place, side, words, colour in (
        (claim.ROUNDING, "left", "identities must lie left of this line", style.PREDICTED),
        (MISS, "right", "controls must lie right of this line", style.CONTROL),
    ):
        factor = 1.8 if side == "left" else 1 / 1.8
        ax.text(
            place * factor, n / 2, words, rotation=90, ha=side, va="center",
            fontsize=style.SMALL, color=colour, bbox={"color": "white", "pad": 0.5},
        )  # fmt: skip
    zero.set_yticks(places, [method.name for method in claim.METHODS])
    zero.set(xticks=[0], xlim=(-1, 1), ylim=(-0.6, n - 0.4))
    ax.set(xscale="log", xlim=(LEAST, MOST))
    ax.xaxis.set_major_locator(ticker.LogLocator(numticks=12))
    ax.tick_params(axis="y", length=0)
    ax.spines.left.set_visible(False)
    ax.set_xlabel(
        "difference from the library, over its largest value; of labels, the share that differ",
        fontsize=8,
    )
    controls(ax, places)
    return figure


def draw_method(panel, ax, y, row):
    """The difference of the method, and that of its control."""
    panel.plot(row.measured, y, "o", ms=4, color=style.MEASURED[0], zorder=3)
    for rival in row.rivals.values():
        ax.plot(rival.value, y, "x", ms=4.5, mew=1.2, color=style.CONTROL, zorder=3)


def controls(ax, places):
    """The wrong conventions, in words, on the right."""
    right = ax.secondary_yaxis("right")
    right.set_yticks(places, [method.control for method in claim.METHODS])
    right.tick_params(labelsize=style.SMALL, length=0, colors=style.CONTROL)
    right.spines.right.set_visible(False)


def facts(judged) -> tuple[str, ...]:
    return (f"at most {judged.parameters.n_points} points of each data set",)
