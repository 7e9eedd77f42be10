"""Clock and drift coefficient of i.i.d. tokens, over the predicted ones, with the judged
intervals: at the largest temperature and extrapolated to zero."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import generator as claim

SAMPLES = claim.WHERE[0]
WHEN = {claim.AT_EPS: ("o", 0.12), claim.LIMIT: ("D", -0.12)}  # mark, place beside the line


def draw(judged):
    """Two panels: the drift coefficient and the clock, two points a manifold."""
    names = judged.parameters.manifolds
    figure, panels = plt.subplots(1, 2, figsize=(style.WIDE, 0.5 * len(names) + 1.4), sharey=True)
    places = np.arange(len(names))[::-1]
    quantities = (("drift coefficient", claim.drift), (r"clock$/\varepsilon$", claim.clock))
    for ax, (what, quantity) in zip(panels, quantities, strict=True):
        for y, name in zip(places, names, strict=True):
            for when, (mark, shift) in WHEN.items():
                row = judged.row(quantity(name, SAMPLES, when))
                style.draw_row(
                    ax, y + shift, row, colour=style.colour(name), marker=mark,
                    horizontal=True, scale=row.predicted, hollow=when == claim.LIMIT,
                )  # fmt: skip
        ax.axvline(1.0, color=style.PREDICTED, lw=1)
        for rival, side in ((0.9, "left"), (1.1, "right")):
            ax.axvline(rival, color=style.CONTROL, ls="--")
            words = f"rival:\n10 %\n{'more' if rival > 1 else 'less'}"
            dx = 2 if side == "left" else -2
            style.name_control(ax, words, rival, len(names) - 0.45, va="top", ha=side, dx=dx)
        ax.set(xlabel=f"{what}, measured / predicted", ylim=(-0.6, len(names) - 0.4))
    panels[0].set(yticks=places, yticklabels=[style.label(name) for name in names])
    eps = f"{judged.parameters.temperature:g}"
    handles = [
        plt.Line2D([], [], marker="o", ls="", ms=4, color=style.PREDICTED),
        plt.Line2D([], [], marker="D", ls="", ms=5, mfc="white", color=style.PREDICTED),
        plt.Line2D([], [], color=style.PREDICTED, lw=1),
    ]
    labels = [rf"$\varepsilon = {eps}$", r"$\varepsilon \to 0$", "predicted"]
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=7)
    return figure
