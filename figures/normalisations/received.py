"""Attention that a key receives: floors under metrics and double normalisation, and the rate at
which softmax of a dot product explains keys away."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import normalisations as claim

CURVES = (
    ("dot product", r"softmax of $x \cdot y$", 1),
    ("metric", r"softmax of $-$|$x-y$|$^2/2$", 0),
    ("doubly normalised", r"doubly normalised $x \cdot y$", 2),
)
SHOWN = (1, 3, 5)  # levels of the temperature


def draw(judged):
    """Left: received attention of each key, sorted. Right: its rate against the limit."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(style.WIDE, 3.6))
    draw_floors(left, judged)
    draw_rates(right, judged)
    return figure


def draw_floors(ax, judged):
    tints = style.kinds(len(CURVES))
    for key, label, colour in CURVES:
        received = judged.arrays[f"received {key}"]
        share = np.arange(1, len(received) + 1) / len(received)
        ax.plot(share, received, ".", ms=3, color=tints[colour], label=label)
    ax.axhline(
        1 / len(received),
        color=style.PREDICTED,
        lw=1,
        label="floor, doubly normalised: $1/N$",
    )
    metric = judged.row(claim.METRIC_FLOOR).predicted / claim.METRIC_TOKENS
    label = r"floor, metrics: $2/\sqrt{N} - 1/N$"
    ax.axhline(metric, color=style.PREDICTED, lw=1, ls=":", label=label)
    ax.set_yscale("log")
    ax.set(
        xlabel="share of the keys, sorted",
        ylabel=r"received attention $\sum_i\, a_{ij}$",
        title=f"A dot product explains keys away, $N$ = {len(received)}",
    )
    ax.legend(
        fontsize=7, loc="upper center", bbox_to_anchor=(0.45, -0.2), ncols=2, columnspacing=1,
        markerscale=3,
    )  # fmt: skip


def draw_rates(ax, judged):
    """-T log received at three temperatures, with the band that T log N allows."""
    field, limit = judged.quantities[claim.VANISHING], judged.curves["rates"]
    order = np.argsort(limit)
    # temperatures of one score: its colour, from dark to light
    colours = style.shades(style.kinds(len(CURVES))[CURVES[0][2]][:3], len(SHOWN))
    for level, colour in zip(SHOWN, colours, strict=True):
        t = field.steps[level]
        allowed = t * np.log(len(limit))
        ax.fill_between(
            limit[order], limit[order] - allowed, limit[order] + allowed, color=colour, alpha=0.15
        )
        rates = field.values[level, 0, :, 0]
        ax.plot(limit, rates, ".", ms=2.5, color=colour, label=f"$T$ = {t:.2g}")
    ax.plot(
        [0, limit.max()], [0, limit.max()], color=style.PREDICTED, lw=1, label="predicted limit"
    )
    ax.set(
        xlabel=r"$\min_i(\max_k s_{ik} - s_{ij})$",
        ylabel=r"$-T\,\log$ received$_j$",
        title=r"Its rate as $T \to 0$; bands: $\pm T \log N$",
    )
    ax.legend(fontsize=7, loc="upper left", markerscale=3)
