"""Drift coefficient and clock of the evolved features, as samples see them at τ → 0, with the
judged intervals."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import evolution as claim


def draw(judged):
    """Two panels, a point a manifold: i.i.d. tokens, and N = infinity as an open mark above."""
    names = judged.parameters.manifolds
    figure, panels = plt.subplots(1, 2, figsize=(7.0, 0.5 * len(names) + 1.4), sharey=True)
    places = np.arange(len(names))[::-1]
    quantities = (
        ("drift coefficient of $A^k H$", claim.drift),
        (r"clock$/\tau$ of $A^k H$", claim.clock),
    )
    for ax, (what, quantity) in zip(panels, quantities, strict=True):
        for y, name in zip(places, names, strict=True):
            colour = style.colour(name)
            for where, mark, shift in ((claim.SAMPLES, "o", -0.1), (claim.NODES, "D", 0.12)):
                row = judged.row(quantity(name, where))
                style.draw_row(
                    ax, y + shift, row, colour=colour, marker=mark,
                    horizontal=True, hollow=where == claim.NODES,
                )  # fmt: skip
        ax.axvline(row.predicted, color=style.PREDICTED, lw=1)
        for rival in ("10 % more", "10 % less"):
            value, side = row.rivals[rival].value, "right" if "more" in rival else "left"
            ax.axvline(value, color=style.CONTROL, ls="--")
            words = "rival:\n" + rival.replace("% ", "%\n")
            dx = 2 if side == "left" else -2
            style.name_control(ax, words, value, len(names) - 0.45, va="top", ha=side, dx=dx)
        ax.set(xlabel=f"{what}, $\\tau \\to 0$", ylim=(-0.6, len(names) - 0.4))
    panels[0].set(yticks=places, yticklabels=[style.label(name) for name in names])
    handles = [
        plt.Line2D([], [], marker="o", ls="", ms=4, color=style.PREDICTED),
        plt.Line2D([], [], marker="D", ls="", ms=5, mfc="white", color=style.PREDICTED),
        plt.Line2D([], [], color=style.PREDICTED, lw=1),
    ]
    labels = ["i.i.d. tokens", r"$N = \infty$", "predicted"]
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=7)
    return figure
