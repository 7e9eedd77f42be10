"""Trained kernels applied again and again, without skip. Left: the spread of the tokens by depth, the
mean over heads, beside the decay that second eigenvalues predict. Right: every head's rate beside
log |mu_2|; the line is the prediction, grey is log |mu_3| in its place."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import learned_scores as claim
from theory.claims.metric_attention import METRIC, SELF

SHOWN = 16  # layers on the left
NAME = 0.05  # of the height: the room of a name
COLOURS = {SELF: style.MEASURED[1], METRIC: style.MEASURED[0]}


def draw(judged):
    figure, (left, right) = plt.subplots(1, 2, figsize=(style.WIDE, 3.1))
    decay(left, judged)
    gaps(right, judged)
    return figure


def decay(ax, judged):
    """Mean log spreads at the depths shown; the predicted slope is drawn through the last point."""
    depths = np.array(claim.DEPTHS)
    shown, ends = depths <= SHOWN, {}
    for task, dashes in zip(judged.parameters.chains, ("-", "--", ":"), strict=False):
        for arm, colour in COLOURS.items():
            logs = of_heads(judged, task, arm, "logs").mean(axis=(0, 1, 2))[shown]
            gap = np.log(of_heads(judged, task, arm, "moduli")[..., 0]).mean()
            ax.plot(depths[shown], np.exp(logs), "o", ms=4, color=colour)
            line = np.exp(logs[-1] + gap * (depths[shown] - SHOWN))
            ax.plot(depths[shown], line, dashes, color=style.PREDICTED, lw=1)
            ends[f"{task}, {arm}"] = (logs[-1], colour)
    ax.set(yscale="log", xlabel="layers $k$", ylabel="spread of $A^k X$ over that of $X$")
    ax.set_title("lines: predicted slopes, through the last point", loc="left", fontsize=8)
    ax.set_xlim(0, 1.6 * SHOWN)
    ax.set_xticks([1, 2, 4, 8, 16])
    names_of(ax, ends)


def names_of(ax, ends):
    """Names beside the last points, kept apart from each other."""
    low, high = np.log(ax.get_ylim())
    place = np.inf
    for name, (log, colour) in sorted(ends.items(), key=lambda item: -item[1][0]):
        place = min(log, place - NAME * (high - low))
        ax.annotate(
            name, (SHOWN, np.exp(place)), xytext=(5, 0), textcoords="offset points",
            fontsize=style.SMALL, color=colour, va="center",
        )  # fmt: skip


def gaps(ax, judged):
    """Every head of every run, the mean over sets of tokens."""
    step = claim.DEPTHS[-1] - claim.DEPTHS[-2]
    for task in judged.parameters.chains:
        for arm, colour in COLOURS.items():
            logs = of_heads(judged, task, arm, "logs")
            rate = ((logs[..., -1] - logs[..., -2]) / step).mean(axis=2).ravel()
            second, third = (
                np.log(of_heads(judged, task, arm, "moduli")).mean(axis=2).reshape(-1, 2).T
            )
            ax.plot(third, rate, ".", ms=2, color=style.CONTROL, alpha=0.5)
            ax.plot(second, rate, ".", ms=3.5, color=colour, alpha=0.7)
    ends = np.array(ax.get_ylim())
    ends[1] = 0.0
    ax.plot(ends, ends, color=style.PREDICTED, lw=1, zorder=0)
    ax.set(
        xlim=ends, ylim=ends, xlabel="log of the eigenvalue's modulus", ylabel="log-rate a layer"
    )
    for label, colour in (
        ("self-attention", COLOURS[SELF]), ("learned metric", COLOURS[METRIC]),
        ("third eigenvalue", style.CONTROL),
    ):  # fmt: skip
        ax.plot([], [], "o", ms=3.5, color=colour, label=label)
    ax.legend(fontsize=style.SMALL, loc="upper left")


def of_heads(judged, task, arm, what):
    """Of trained networks: (runs, heads, sets, ...)."""
    return judged.arrays[f"{task}/{arm}/{what}"][:, 1]


def facts(judged) -> tuple[str, ...]:
    rates = [
        judged.row(claim.depth_row(t, a)) for t in judged.parameters.chains for a in claim.ARMS
    ]
    worst = max(rates, key=lambda row: abs(row.measured - 1))
    return (f"slope farthest from 1: {worst.measured:.4f} ± {worst.half_width:.2g}",)
