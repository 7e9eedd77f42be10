"""The error of attention to N i.i.d. keys is normal where a query has many neighbours, and its law
is known where it has few: the distribution over samples less the normal one, the share of samples
that the normal 95 % interval holds, skewness and kurtosis."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D
from scipy.special import ndtr

from figures import style
from theory.claims import central_limit as claim

TICKS = claim.NEIGHBOURS
MARKS = {claim.SLOPE: "o", claim.TOP: "s"}
SHAPE = {claim.SLOPE: "few_kurtosis", claim.TOP: "few_skewness"}
NORMAL = {"few_kurtosis": 3.0, "few_skewness": 0.0}


def draw(judged):
    """Top: the law at many neighbours, d = 1 and 2. Below: what few neighbours make of it."""
    figure, panels = plt.subplots(2, 2, figsize=(style.WIDE, 5.0))
    for d, ax in zip(claim.DIMENSIONS, panels[0], strict=True):
        draw_law(ax, judged, d)
    draw_coverage(panels[1, 0], judged)
    draw_shape(panels[1, 1], judged)
    mark = {"color": style.PREDICTED, "ls": "", "ms": 4}
    handles = [
        Line2D([], [], marker=MARKS[claim.SLOPE], label="measured, $H$ slopes at $x$", **mark),
        Line2D(
            [], [], marker=MARKS[claim.TOP], mfc="white", label="measured, maximum at $x$", **mark
        ),
        Line2D([], [], color=style.PREDICTED, label="predicted, exact at this $N$"),
        Line2D([], [], color=style.CONTROL, ls="--", label="rivals"),
        *(
            Line2D([], [], color=style.colour(name), lw=3, label=f"$d$ = {d}, {style.label(name)}")
            for d, name in claim.MANIFOLDS.items()
        ),
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=3, fontsize=7)
    return figure


def draw_law(ax, judged, d):
    """The distribution function over samples less the normal one, and that of wrong laws."""
    z, colour = claim.GRID, style.colour(claim.MANIFOLDS[d])
    value, low, high = judged.arrays[f"law_{d}"].T - ndtr(z)
    bars = [value - low, high - value]
    ax.errorbar(z, value, yerr=bars, fmt="o", ms=3, color=colour, capsize=0, lw=0.8)
    fine = judged.curves["fine"]
    ax.plot(fine, judged.curves[f"law_{d}"], color=style.PREDICTED)
    wrong = {"ls": "--", "color": style.CONTROL, "lw": 1.0}
    for factor in (1.2, 0.8):
        ax.plot(fine, ndtr(fine / np.sqrt(factor)) - ndtr(fine), **wrong)
    ax.plot(fine, ndtr(fine + 0.1) - ndtr(fine), **wrong)
    style.name_control(ax, "mean $-$0.1 s.d.", 0.0, 0.042, ha="center")
    style.name_control(ax, "variance\n$-$20 %", 1.25, 0.024, ha="left")
    style.name_control(ax, "+20 %", 1.3, -0.019, ha="left", va="top")
    row, skew = judged.row(claim.kurtosis(d)), judged.arrays[f"skewness_{d}"]
    words = (
        f"kurtosis {row.measured:.2f} $\\pm$ {row.half_width:.2f} ({row.predicted:.2f} predicted)\n"
        f"skewness {skew[0]:.2f} $\\pm$ {(skew[2] - skew[1]) / 2:.2f} "
        f"({float(judged.curves[f'skewness_{d}']):.2f} predicted)"
    )
    ax.text(0.02, 0.02, words, transform=ax.transAxes, fontsize=style.SMALL)
    ax.set(
        xlabel="standardised error $z$ of $(A - I)H(x)/\\varepsilon$",
        ylabel=r"share below $z$, less $\Phi(z)$",
        title=f"$d$ = {d}: many neighbours",
        ylim=(-0.056, 0.056),
    )


def draw_coverage(ax, judged):
    """The share of samples in the normal 95 % interval, against the number of neighbours."""
    for d in claim.DIMENSIONS:
        lines, points = judged.curves[f"few_coverage_{d}"], judged.arrays[f"few_coverage_{d}"]
        for k, feature in enumerate(claim.FEATURES):
            draw_points(ax, judged, d, feature, lines[k], points[k])
    ax.axhline(claim.FEW_LEVEL, ls="--", color=style.CONTROL)
    style.name_control(ax, "normal law", TICKS[0], claim.FEW_LEVEL)
    neighbours(ax)
    ax.set(ylabel="share in normal 95 % interval", title="few neighbours: it holds too few")


def draw_shape(ax, judged):
    """|skewness| where H has its maximum, excess kurtosis where it slopes: both vanish if normal."""
    for d in claim.DIMENSIONS:
        for k, feature in enumerate(claim.FEATURES):
            name = SHAPE[feature]
            line = np.abs(judged.curves[f"{name}_{d}"][k] - NORMAL[name])
            points = judged.arrays[f"{name}_{d}"][k] - NORMAL[name]
            points = points if points[0, 0] > 0 else -points[:, [0, 2, 1]]
            # an interval that reaches the normal law has no end on this axis
            draw_points(ax, judged, d, feature, line, np.maximum(points, 1e-3))
        constant = abs(float(judged.curves[f"skewness_law_{d}"]))
        s = judged.curves["neighbours"]
        ax.plot(s, constant / np.sqrt(s), "--", color=style.CONTROL, lw=1.0)
    style.name_control(ax, r"first order, $\sim S^{-1/2}$", 10, 1.5)
    neighbours(ax)
    ax.set_yscale("log")
    ax.set(
        ylabel="kurtosis $-$ 3,  |skewness|",
        title=r"kurtosis (dots) and skewness (squares)",
        ylim=(0.02, 12),
    )


def draw_points(ax, judged, d, feature, line, points):
    colour, face = style.colour(claim.MANIFOLDS[d]), None
    ax.plot(judged.curves["neighbours"], line, color=colour, lw=1.0)
    value, low, high = points.T
    face = "white" if feature == claim.TOP else colour
    ax.errorbar(
        claim.NEIGHBOURS, value, yerr=[value - low, high - value], fmt=MARKS[feature], ms=4,
        mfc=face, color=colour, zorder=3,
    )  # fmt: skip


def neighbours(ax):
    ax.set_xscale("log", base=2)
    ax.set_xticks(TICKS, [str(s) for s in TICKS])
    ax.set_xlabel(r"effective neighbours $S = N p\,(4\pi\varepsilon)^{d/2}$")


def facts(judged):
    """What the footer says of the second study."""
    p = judged.parameters
    return (
        f"{p.n_samples:,} samples at one query",
        f"few neighbours: {p.n_few_samples:,} samples of {p.n_few_tokens} tokens, {p.n_queries} queries",
    )
