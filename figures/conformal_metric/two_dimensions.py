"""In two dimensions no metric and no heat capacity reach all of the motion (A − I)X: the share
that every one leaves out, as the temperature falls."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import conformal_metric as claim

MARKERS = "os^v"  # a surface each


def draw(judged):
    """Shares on nodes, their limit, that seen by samples, and the prediction, a colour a
    surface."""
    eps = judged.parameters.temperatures()
    figure, ax = plt.subplots(figsize=(style.NARROW, 3.4))
    grid = np.linspace(0, eps[0], 100)
    for k, case in enumerate(judged.parameters.surface_cases()):
        colour, shares = style.colour(case.manifold.name), judged.arrays[f"{case.name} shares"]
        row, sampled = (
            judged.row(claim.share(case.name)),
            judged.row(claim.share_sampled(case.name)),
        )
        marker, label = MARKERS[k % len(MARKERS)], style.label(case.manifold.name)
        ax.plot(eps, shares, marker, ms=4, mfc="white", color=colour, label=label, zorder=3)
        # the polynomial through all levels, whose value at 0 is Romberg's limit
        curve = np.polynomial.Polynomial.fit(eps, shares, len(eps) - 1)
        ax.plot(grid, curve(grid), lw=0.8, color=colour, alpha=0.6)
        style.draw_limit(ax, row, colour=colour)
        style.draw_row(ax, (0.03 + 0.025 * k) * eps[0], sampled, colour=colour, marker=marker)
        ax.plot(
            [-0.03 * eps[0], 0.12 * eps[0]], [row.predicted] * 2, color=style.PREDICTED, zorder=2
        )
    ax.axhline(0.0, color=style.CONTROL, ls="--")
    ax.annotate(
        "rival: a metric exists",
        (eps[0], 0.0),
        xytext=(0, 3),
        ha="right",
        textcoords="offset points",
        fontsize=7,
        color=style.CONTROL,
    )
    ax.plot([], [], "D", ms=5, mfc="white", color=style.CONTROL, label=r"limit, $N = \infty$")
    ax.plot([], [], "o", ms=4, color=style.CONTROL, label="limit, i.i.d. keys (offset)")
    ax.plot([], [], color=style.PREDICTED, label="predicted")
    ax.set(
        xlabel=r"temperature $\varepsilon$",
        ylabel=r"$\min_w\, \|(A - I)X - w \Delta X\|^2 / \|(A - I)X\|^2$",
        title="$d = 2$: out of reach of every metric",
        ylim=(-0.01, None),
    )
    ax.legend(fontsize=7, ncols=2, loc="upper center", bbox_to_anchor=(0.45, -0.2))
    return figure
