"""The error of k steps over one time T, against the equation: more steps at a lower temperature lower
the bias, but not the noise, since every step meets the same tokens. Above, the map over tokens and
temperatures: predicted (ground, white lines: 5, 10, 30 %) and measured (dots of the same colours);
hatched: fewer than ten effective neighbours, where first order in 1/N says nothing. Below, cuts at
400 and 2,000 tokens: predicted as lines, measured as points, judged as diamonds with their
intervals, and dashed the rival with fresh tokens at every step, which the judged errors reject."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import ticker
from matplotlib.lines import Line2D

from figures import style
from figures.regime.regime import BEST, COLOURS, GROUND, MARKS
from theory.claims import regime as claim

CONTOURS = (0.05, 0.1, 0.3)
CUTS = (400, 2000)  # tokens of the cuts below


def draw(judged):
    """A column a d = 1, 2, 3: the map, and its cuts."""
    figure, panels = plt.subplots(
        2, 3, figsize=(style.WIDE, 5.4), sharey="row", height_ratios=(1.2, 1)
    )
    for d, (top, bottom) in zip(claim.DIMENSIONS, panels.T, strict=True):
        ground = draw_map(top, judged, d)
        draw_cuts(bottom, judged, d)
        top.set_title(f"$d$ = {d}, {style.label(claim.MANIFOLDS[d])}")
        top.set_xlabel("tokens $N$")
        bottom.set_xlabel(r"temperature $\varepsilon = T/k$")
    panels[0, 0].set_ylabel(r"temperature $\varepsilon = T/k$")
    panels[1, 0].set_ylabel("error of $A^k H$ against $e^{TL} H$,\nrelative")
    bar = figure.colorbar(ground, ax=panels[0], ticks=MARKS, pad=0.01, aspect=22)
    bar.ax.yaxis.set_major_formatter(ticker.FuncFormatter(lambda v, _: f"{100 * v:g} %"))
    bar.ax.yaxis.set_minor_locator(ticker.NullLocator())
    bar.ax.set_ylim(MARKS[0], COLOURS.vmax)
    bar.ax.tick_params(labelsize=style.SMALL)
    figure.legend(handles=legend(), loc="outside lower center", ncols=4, fontsize=7)
    return figure


def draw_map(ax, judged, d):
    """Predicted ground with its contours, measured dots."""
    curves = judged.curves
    n, eps, errors = curves["step_tokens"], curves["step_temperatures"], curves[f"steps_{d}"]
    known = np.ma.masked_invalid(errors)
    ax.set_facecolor("#e6e6e6")
    ax.fill_between([n[0], n[-1]], eps[-1], eps[0], fc="none", ec="#bbbbbb", hatch="////", lw=0)
    ground = ax.contourf(
        n, eps, np.ma.clip(known, GROUND[0], GROUND[-1]), GROUND, norm=COLOURS,
        cmap=style.SEQUENTIAL, extend="both",
    )  # fmt: skip
    ground.set_edgecolor("face")
    lines = ax.contour(n, eps, known, CONTOURS, colors="white", linewidths=1.1)
    ax.clabel(lines, fmt=lambda v: f"{100 * v:g} %", fontsize=style.SMALL)
    y, x = np.meshgrid(claim.TIME / np.array(claim.STEPS), claim.STEP_SIZES)
    ax.scatter(
        x, y, c=judged.arrays[f"steps_{d}"], s=20, norm=COLOURS, cmap=style.SEQUENTIAL,
        edgecolors="black", linewidths=0.5, zorder=3,
    )  # fmt: skip
    ax.set(xscale="log", yscale="log", xlim=(n[0], 1e6), ylim=(claim.TIME / 40, claim.TIME * 1.2))
    return ground


def draw_cuts(ax, judged, d):
    """The error over the temperature at some numbers of tokens; judged ones to first order at 3N/2."""
    curves, eps = judged.curves, claim.TIME / np.array(claim.STEPS)
    for n, colour in zip(CUTS, style.MEASURED, strict=False):
        place = claim.STEP_SIZES.index(n)
        for name, look in (("steps", "-"), ("fresh", "--")):
            values = [np.interp(n, curves["step_tokens"], row) for row in curves[f"{name}_{d}"]]
            line = {"color": colour, "lw": 1.2} if look == "-" else {"color": style.CONTROL}
            ax.plot(curves["step_temperatures"], values, look, **line)
        ax.plot(eps, judged.arrays[f"steps_{d}"][place], "o", ms=3.5, color=colour)
    for place, where in claim.STEP_CELLS.items():
        row, (steps, n) = judged.row(claim.step_cell(d, place)), where[d]
        colour = style.MEASURED[CUTS.index(n)]
        bars = [[row.measured - row.ci_low], [row.ci_high - row.measured]]
        ax.errorbar(
            claim.TIME / steps, row.measured, yerr=bars, fmt="D", ms=4, mfc="white", color=colour
        )
        ax.plot(claim.TIME / steps, row.predicted, "_", ms=11, color=style.PREDICTED, zorder=4)
    ax.set(xscale="log", yscale="log", xlim=(claim.TIME / 40, claim.TIME * 1.2), ylim=(0.02, 4))


def legend():
    """What the lines and marks are."""
    black = {"color": style.PREDICTED}
    dot = {"marker": "o", "ls": "", "mfc": "#21918c", "mec": "black", "mew": 0.5, "ms": 4.5}
    few, many = (
        Line2D([], [], color=colour, marker="o", ms=3.5, label=f"$N$ = {n:,}: line predicted")
        for n, colour in zip(CUTS, style.MEASURED, strict=False)
    )
    return [
        Line2D([], [], **dot, label="measured"),
        Line2D([], [], **BEST, label="predicted error 5, 10, 30 %"),
        few,
        many,
        Line2D([], [], marker="D", mfc="white", color="#555555", ms=4, label="judged at 3N/2"),
        Line2D([], [], marker="_", ls="", ms=11, **black, label="predicted there"),
        Line2D([], [], ls="--", color=style.CONTROL, label="rival: fresh tokens at every step"),
    ]


def facts(judged):
    """The time of the steps."""
    return (f"T = {claim.TIME:g}",)
