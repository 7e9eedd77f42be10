"""Transformations of the distance have one drift and one evolution, once time is read off their
declared clocks."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import universality as claim
from theory.setting.checks import InputError

MARKS = "os^vDPX*"
FORMULAS = {
    "r**2": r"$r^2$", "r": "$r$", "r**1.5": "$r^{3/2}$", "log(1 + r**2)": r"$\log(1 + r^2)$",
    "geodesic(r**2)": r"geodesic$^2$", "geodesic(r)": "geodesic", "dot product": r"$-x \cdot y$",
    "r**2 + r**3": "$r^2 + r^3$",
}  # fmt: skip


def draw(judged):
    """Left: drift coefficients over the levels, and their judged limit. Right: A^k H on the
    circle."""
    if "circle" not in judged.parameters.manifolds:
        raise InputError("manifolds: got no circle, expected it for the figure along it")
    figure, (left, right) = plt.subplots(1, 2, figsize=(style.WIDE, 3.5))
    draw_drifts(left, judged, judged.parameters.manifolds[0])
    draw_evolution(right, judged)
    figure.legend(
        *left.get_legend_handles_labels(), loc="outside lower center", ncols=6, fontsize=7
    )
    return figure


def look(judged, k):
    """Colour and mark of a score; the dot product equals r^2 to rounding and is an open ring."""
    if judged.parameters.scores[k] == claim.DOT_PRODUCT:
        return {"ls": "", "marker": "o", "ms": 8, "mfc": "none", "color": "k", "mew": 0.8}
    colour = style.kinds(len(judged.parameters.scores))[k]
    return {"ls": "", "marker": MARKS[k % len(MARKS)], "ms": 4, "color": colour}


def draw_drifts(ax, judged, manifold):
    """Drift coefficients at N = infinity, and the smallest and largest limit that tokens see."""
    taus, drifts = judged.arrays[f"{manifold}_taus"], judged.arrays[f"{manifold}_drifts"]
    for k, name in enumerate(judged.parameters.scores):
        ax.plot(np.sqrt(taus), drifts[k], label=FORMULAS.get(name, name), **look(judged, k))
    for which, label in ((claim.SMALLEST, "limit, smallest and largest"), (claim.LARGEST, None)):
        row = judged.row(claim.drift(manifold, which))
        style.draw_limit(ax, row, colour=style.colour(manifold), label=label)
    ax.axhline(row.predicted, color=style.PREDICTED, lw=1, label="predicted")
    rival = row.rivals["10 % less"].value
    ax.axhline(rival, color=style.CONTROL, ls="--")
    style.name_control(ax, "rival: 10 % less", 0, rival)
    title = f"{style.label(manifold)}: one drift"
    ax.set(xlabel=r"$\sqrt{\tau}$", ylabel="drift coefficient", title=title)


def draw_evolution(ax, judged):
    """A^k H - H for H the first coordinate, at the last level, for every score."""
    curves, time = judged.curves, judged.parameters.time
    line, start = curves["line"], curves["start"]
    ax.plot(line, curves["evolved"] - start, color=style.PREDICTED, lw=1, label="predicted")
    ax.plot(
        line, curves["evolved_rival"] - start, "--", color=style.CONTROL, label="rival: drift 1"
    )
    count = len(judged.parameters.scores)
    for k, name in enumerate(judged.parameters.scores):
        field = judged.quantities[claim.evolved("circle", name)]
        # each score at points of its own, or only the last would be seen
        t, after = field.coordinates[k::count, 0], field.values[-1, 0, k::count, 0]
        ax.plot(t, after - np.cos(t), **look(judged, k))
    title = f"circle: $(A^k - I)\\,x$ at $k\\tau = {time:g}$"
    ax.set(xlabel="angle $t$", ylabel="change of the feature $x$", title=title)
    style.angle_axis(ax.xaxis, quarters=True)
    ax.legend(fontsize=7, loc="upper right")
