"""The declared clock is right to order 1 in τ, but for a cubic term to order 1/2 only, with a
predicted constant."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from figures.universality.universality import FORMULAS, look
from theory.claims import universality as claim


def draw(judged):
    """Left: errors of the declared clock. Right: those of r^2 + r^3 over sqrt(eps), and the
    limit."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(style.WIDE, 3.5))
    draw_errors(left, judged, judged.parameters.manifolds[-1])
    for manifold in judged.parameters.manifolds:
        draw_slowing(right, judged, manifold)
    right.axhline(1.0, color=style.PREDICTED, lw=1, label="predicted limit")
    for value, name, side in ((1.1, "10 % more", "bottom"), (0.9, "10 % less", "top")):
        right.axhline(value, color=style.CONTROL, ls="--")
        place = {"xycoords": ("axes fraction", "data"), "ha": "right", "va": side}
        style.name_control(right, f"rival of each: {name}", 1.0, value, **place)
    right.plot([], [], "D", ms=4, mfc="white", color=style.PREDICTED, label="extrapolated, judged")
    right.set(
        xlabel=r"$\sqrt{\varepsilon}$",
        ylabel=r"(1 $-$ clock$/\tau)/(C_d\sqrt{\varepsilon})$",
        title="$r^2 + r^3$: slower by $C_d \\sqrt{\\varepsilon}$",
    )
    low, high = right.get_ylim()
    right.set_ylim(low - 0.25 * (high - low), high + 0.05 * (high - low))
    right.legend(fontsize=7, loc="lower left")
    figure.legend(
        *left.get_legend_handles_labels(), loc="outside lower center", ncols=5, fontsize=7
    )
    return figure


def draw_errors(ax, judged, manifold):
    """|clock/tau - 1| of every score against tau."""
    taus, clocks = judged.arrays[f"{manifold}_taus"], judged.arrays[f"{manifold}_clocks"]
    for k, name in enumerate(judged.parameters.scores):
        ax.plot(taus, np.abs(clocks[k] - 1), label=FORMULAS.get(name, name), **look(judged, k))
    last = {1: np.abs(clocks[0, -1] - 1)}
    if claim.CUBIC in judged.parameters.scores:
        last[0.5] = np.abs(clocks[judged.parameters.scores.index(claim.CUBIC), -1] - 1)
    for (order, error), dash in zip(last.items(), ("-", ":"), strict=False):
        line = error * (taus / taus[-1]) ** order
        ax.plot(taus, line, dash, color=style.PREDICTED, lw=1, label=f"slope {order} only")
    style.log_axis(ax.xaxis)
    style.log_axis(ax.yaxis)
    title = f"{style.label(manifold)}: error of the clock"
    ax.set(xlabel=r"$\tau$", ylabel=r"|clock$/\tau$ $-$ 1|", title=title)


def draw_slowing(ax, judged, manifold):
    """The clock of r^2 + r^3 at each level and its judged limit, over the predicted one."""
    row, colour = judged.row(claim.slowing(manifold)), style.colour(manifold)
    roots, slowing = (judged.arrays[f"{manifold}_{key}"] for key in ("roots_of_eps", "slowing"))
    label = f"measured, {style.label(manifold)}: $C_d$ = {row.predicted:.3g}"
    ax.plot(roots, slowing / row.predicted, "o", ms=4, color=colour, label=label)
    style.draw_row(ax, 0.0, row, colour=colour, marker="D", scale=row.predicted, hollow=True)
