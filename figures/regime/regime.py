"""Where the generator describes attention: the relative error of (A - I)H/ε over numbers
of tokens and temperatures, predicted (ground) and measured (dots of the same colours: where they
agree, a dot is its rim alone). The error is less than 10 % between the bias above and the noise
below; left of the dotted line a token sees itself more than all others, left of the thin one it copies:
nine tenths of its squared weight are on one key. Grey, a rival: the noise by the kernel, not its
square. Stars:
the fewest tokens that reach an error, and in brackets the interval of what was measured."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import patheffects, ticker
from matplotlib.colors import LogNorm
from matplotlib.lines import Line2D

from figures import style
from theory.claims import regime as claim

COLOURS = LogNorm(0.01, 5.0)
MARKS = (0.01, 0.02, 0.05, 0.1, 0.3, 1.0, 3.0)  # of the colour bar
GROUND = np.geomspace(0.003, 8.0, 81)  # colours change so finely that the ground looks smooth
CONTOUR = 0.1  # the error whose region is outlined
DARK = [patheffects.withStroke(linewidth=2.0, foreground="#222222")]
ON_GROUND = {"fontsize": style.SMALL, "color": "white", "path_effects": DARK}
BIAS, NOISE, COPYING = (0, (5, 2)), "-.", ":"
EDGE = [patheffects.withStroke(linewidth=2.2, foreground="#333333")]
RIVAL = {
    "color": style.CONTROL, "ls": "--", "lw": 1.2,
    "path_effects": [patheffects.withStroke(linewidth=2.4, foreground="white")],
}  # fmt: skip
BEST = {"color": "white", "lw": 1.1, "path_effects": EDGE}


def draw(judged):
    """A panel a d = 1, 2, 3: predicted ground and borders, measured dots, tokens needed."""
    figure, panels = plt.subplots(1, 3, figsize=(style.WIDE, 4.1), sharex=True, sharey=True)
    for d, ax in zip(claim.DIMENSIONS, panels, strict=True):
        ground = draw_ground(ax, judged.curves, d)
        draw_borders(ax, judged.curves, d)
        draw_measured(ax, judged, d)
        draw_stars(ax, judged, d)
        place, row = style.label(claim.MANIFOLDS[d]), judged.row(claim.exponent(d))
        exponent = f"{row.measured:.2f} [{row.ci_low:.2f}, {row.ci_high:.2f}]"
        predicted = rf"needed $\sim$ error$^{{-{row.predicted:.2f}}}$, predicted"
        ax.set_title(f"$d$ = {d}, {place}\n{predicted}\nmeasured {exponent}", fontsize=8)
        ax.set_xlabel("tokens $N$")
    limit(panels[0], judged.curves)
    panels[0].set_ylabel(r"temperature $\varepsilon$")
    bar = figure.colorbar(ground, ax=panels, ticks=MARKS, pad=0.01, aspect=30)
    bar.ax.yaxis.set_major_formatter(ticker.FuncFormatter(lambda v, _: f"{100 * v:g} %"))
    bar.ax.yaxis.set_minor_locator(ticker.NullLocator())
    bar.ax.set_ylim(MARKS[0], COLOURS.vmax)
    bar.ax.tick_params(labelsize=style.SMALL)
    bar.set_label(r"error of $(A - I)H/\varepsilon$ against $L H$, relative", fontsize=8)
    figure.legend(handles=legend(), loc="outside lower center", ncols=3, fontsize=7)
    return figure


def draw_ground(ax, curves, d):
    """The predicted error as colours, and the outline of the region below CONTOUR."""
    n, eps, errors = curves["tokens"], curves["temperatures"], curves[f"errors_{d}"]
    clipped = np.clip(errors, GROUND[0], GROUND[-1])
    ground = ax.contourf(
        n, eps, clipped, GROUND, norm=COLOURS, cmap=style.SEQUENTIAL, extend="both"
    )
    ground.set_edgecolor("face")
    ax.contour(n, eps, errors, [CONTOUR], colors=style.PREDICTED, linewidths=1.4)
    return ground


def draw_borders(ax, curves, d):
    """Bias and noise that are CONTOUR alone, the border of copying, the best temperature."""
    eps, place = curves["temperatures"], claim.ROUND.index(CONTOUR)
    line = {"color": style.PREDICTED, "lw": 1.0}
    ax.axhline(curves[f"bias_{d}"][place], ls=BIAS, **line)
    ax.plot(curves[f"noise_{d}"][place], eps, ls=NOISE, **line)
    ax.plot(curves[f"copying_{d}"], eps, ls=COPYING, **line | {"lw": 1.6})
    ax.plot(curves[f"copied_{d}"], eps, **line | {"lw": 0.7})
    ax.plot(curves[f"rival_{d}"][place], eps, **RIVAL)
    ax.plot(*curves[f"best_{d}"], **BEST)


def draw_measured(ax, judged, d):
    """The measured errors as dots of the colours of the ground."""
    eps, n = np.meshgrid(claim.TEMPERATURES, judged.parameters.sizes())
    errors = judged.arrays[f"map_{d}"]
    ax.scatter(
        n, eps, c=errors, s=20, norm=COLOURS, cmap=style.SEQUENTIAL, edgecolors="black",
        linewidths=0.5, zorder=3,
    )  # fmt: skip


def draw_stars(ax, judged, d):
    """The tokens needed for 10, 5 and 1 %, at their temperature, and in the corner their numbers;
    beside the one that is measured, its interval."""
    numbers = []
    for error, (n, eps) in zip(claim.ROUND, judged.curves[f"needed_{d}"], strict=True):
        if error > CONTOUR:
            continue
        name = f"{100 * error:g} %"
        ax.plot(n, eps, "*", ms=9, mfc="white", mec="black", mew=0.7, zorder=4)
        ax.annotate(name, (n, eps), (4, 3), textcoords="offset points", zorder=5, **ON_GROUND)
        numbers.append(f"{name}: {number(n)}")
        if error in claim.ERRORS or error == claim.FINER.get(d):
            row = judged.row(claim.needed(d, error))
            numbers.append(f"[{number(row.ci_low)}, {number(row.ci_high)}]")
    corner = {"transform": ax.transAxes, "ha": "right", "va": "top"}
    ax.text(0.97, 0.97, "\n".join(numbers), **corner, **ON_GROUND)


def number(n: float) -> str:
    """Three digits of a number of tokens, as people say it."""
    digits = float(f"{n:.3g}")
    for size, word in ((1e9, "billion"), (1e6, "million")):
        if digits >= size:
            return f"{digits / size:g} {word}"
    return f"{digits:,.0f}"


def limit(ax, curves):
    n, eps = curves["tokens"], curves["temperatures"]
    ax.set(xscale="log", yscale="log", xlim=(n[0], n[-1]), ylim=(eps[0], eps[-1]))
    ax.set_xticks([10.0**k for k in (1, 3, 5, 7, 9)])
    ax.xaxis.set_minor_locator(ticker.NullLocator())


def legend():
    """What the lines and marks are."""
    black = {"color": style.PREDICTED}
    dot = {"marker": "o", "ls": "", "mfc": "#21918c", "mec": "black", "mew": 0.5, "ms": 4.5}
    return [
        Line2D([], [], **dot, label="measured"),
        Line2D([], [], lw=1.4, **black, label="predicted error 10 %"),
        Line2D([], [], ls=BIAS, **black, label="bias alone 10 %"),
        Line2D([], [], ls=NOISE, **black, label="noise alone 10 %"),
        Line2D([], [], ls=COPYING, lw=1.6, **black, label="one effective neighbour"),
        Line2D([], [], lw=0.7, **black, label="copying: $\\sum_j a_{ij}^2$ = 0.9"),
        Line2D([], [], **RIVAL, label="rival: kernel, not its square"),
        Line2D([], [], **BEST, label="best temperature"),
        Line2D([], [], marker="*", ls="", ms=8, mfc="white", mec="black", mew=0.7,
               label="tokens needed, predicted"),
    ]  # fmt: skip


def facts(judged):
    """The sizes of the map."""
    sizes = judged.parameters.sizes()
    return (f"map of N = {sizes[0]:,} to {sizes[-1]:,}",)
