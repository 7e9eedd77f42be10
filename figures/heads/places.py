"""Where trained heads stand on the map of the theory. Left, the relative error of the generator over
the keys that share a query's weight and the clock over the squared length on which the tokens vary:
predicted (ground: uniform tokens on the sphere; lines: 5, 10, 30 % in d = 1, 2, 3), measured on
synthetic tokens (dots of the same colours), and all heads of a trained encoder, with their intervals.
Right, the intrinsic dimension of the tokens and of the keys of each head, by two estimators."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import ticker
from matplotlib.lines import Line2D

from figures import style
from figures.regime.regime import COLOURS, GROUND, MARKS
from theory.claims import regime as claim

REGIONS = (0.05, 0.1, 0.3)
LINES = {1: ":", 2: "-", 3: "--"}
SURE = {"lw": 0.8, "zorder": 5}


def draw(record: dict, judged):
    """record: of `make heads`; judged: the claim `regime`."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(style.WIDE, 4.6), width_ratios=(2.1, 1))
    ground = draw_map(left, judged)
    draw_heads(left, record["rows"])
    bar = figure.colorbar(
        ground, ax=left, ticks=MARKS, orientation="horizontal", aspect=34, pad=0.02
    )
    bar.ax.xaxis.set_major_formatter(ticker.FuncFormatter(lambda v, _: f"{100 * v:g} %"))
    bar.ax.xaxis.set_minor_locator(ticker.NullLocator())
    bar.ax.set_xlim(MARKS[0], COLOURS.vmax)
    bar.ax.tick_params(labelsize=style.SMALL)
    bar.set_label(r"error of $(A - I)H/\tau$ against $L H$, relative", fontsize=8)
    draw_dimensions(right, record["rows"])
    figure.legend(handles=legend(record), loc="outside lower center", ncols=4, fontsize=7)
    return figure


def draw_map(ax, judged):
    """The ground and the measured dots of d = 2, regions of every dimension, the rival."""
    curves, shape = judged.curves, judged.curves["errors_2"].shape
    for d in claim.DIMENSIONS:
        x = curves[f"neighbours_{d}"]
        y = np.broadcast_to(curves[f"clocks_{d}"][:, None], shape)
        errors = np.clip(curves[f"errors_{d}"], GROUND[0], GROUND[-1])
        if d == claim.HEADLINE:
            ground = ax.contourf(
                x, y, errors, GROUND, norm=COLOURS, cmap=style.SEQUENTIAL, extend="both"
            )
            ground.set_edgecolor("face")
            cells, clocks = curves[f"cell_neighbours_{d}"], curves[f"cell_clocks_{d}"]
            ax.scatter(
                cells, np.broadcast_to(clocks, cells.shape), c=judged.arrays[f"map_{d}"], s=18,
                norm=COLOURS, cmap=style.SEQUENTIAL, edgecolors="black", linewidths=0.5, zorder=3,
            )  # fmt: skip
        lines = ax.contour(
            x, y, errors, REGIONS, colors="white", linewidths=1.1, linestyles=LINES[d]
        )
        if d == claim.HEADLINE:
            ax.clabel(lines, fmt=lambda v: f"{100 * v:g} %", fontsize=style.SMALL)
    ax.set(
        xscale="log", yscale="log", xlim=(0.85, 1e6), ylim=(2e-3, 3),
        xlabel=r"keys that share the weight, $1/\sum_j a_{ij}^2$ (1: copies)",
        ylabel=r"clock over squared length, $\tau/\ell^2$",
    )  # fmt: skip
    ax.axhline(1, color=style.CONTROL, lw=0.8, ls="--", zorder=2)
    style.name_control(ax, "uniform attention", 9e5, 1, ha="right")
    ax.set_title("where the theory holds, and where heads are", fontsize=9)
    return ground


def draw_heads(ax, rows):
    """Filled: by the tokens themselves. Hollow: by the head's own form, where that is positive."""
    colours = layer_colours(rows)
    for row in rows:
        neighbours, clock, own = (row["place"][n] for n in ("neighbours", "clock", "own_clock"))
        colour = colours[row["layer"]]
        bars = {
            "xerr": [[neighbours[0] - neighbours[1]], [neighbours[2] - neighbours[0]]],
            "yerr": [[clock[0] - clock[1]], [clock[2] - clock[0]]],
        }
        ax.errorbar(
            neighbours[0], clock[0], **bars, fmt="o", ms=4.2, color=colour, mec="white", mew=0.4,
            capsize=0, **SURE,
        )  # fmt: skip
        if own[1] > 0:
            ax.plot(neighbours[0], own[0], "o", ms=3, mfc="none", mec=colour, mew=0.7, zorder=4)


def layer_colours(rows):
    """A colour a layer, dark to light."""
    layers = sorted({row["layer"] for row in rows})
    return dict(
        zip(layers, plt.get_cmap("inferno")(np.linspace(0.25, 0.9, len(layers))), strict=True)
    )


def draw_dimensions(ax, rows):
    """Both estimates of each head's keys, and of the tokens of each layer."""
    colours = layer_colours(rows)
    for row in rows:
        colour = colours[row["layer"]]
        ax.plot(*row["dimension"]["keys"], "o", ms=3.2, color=colour, mec="white", mew=0.3)
        if row["head"] == 0:
            ax.plot(
                *row["dimension"]["tokens"], "D", ms=6, color=colour, mec="black", mew=0.8, zorder=3
            )
    most = 1.1 * max(max(v) for row in rows for v in row["dimension"].values())
    ax.plot([0, most], [0, most], color=style.CONTROL, lw=0.8, ls="--")
    ax.set(
        xlim=(0, most), ylim=(0, most), xlabel="dimension, TwoNN",
        ylabel="dimension, maximum likelihood", aspect="equal",
    )  # fmt: skip
    ax.set_title("dimension of tokens (◆)\nand of the keys of a head (●)", fontsize=8)


def legend(record):
    """Layers, and the marks of the left panel."""
    colours = layer_colours(record["rows"])
    dot = {"marker": "o", "ls": "", "mfc": "#21918c", "mec": "black", "mew": 0.5, "ms": 4.5}
    handles = [
        Line2D([], [], marker="o", ls="", color=colour, ms=4.5, label=f"heads of layer {layer + 1}")
        for layer, colour in colours.items()
    ]
    return [
        *handles,
        Line2D([], [], marker="o", ls="", mfc="none", color="#555555", ms=3.5,
               label="by the head's own form"),
        Line2D([], [], **dot, label="measured, sphere $S^2$"),
        *(Line2D([], [], color="#888888", ls=ls, label=f"5, 10, 30 %, d = {d}")
          for d, ls in LINES.items()),
    ]  # fmt: skip
