"""Below a critical inverse temperature a step makes all tokens one, above it leaves them as they were;
the more tokens, the sharper, and collapse comes twice as fast in 1/n as the way back."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import equal_cosines as claim

SHADES = style.shades(style.MEASURED[0], len(claim.DRAWN_SIZES))[::-1]  # the darker, the more


def draw(judged):
    """Left: output cosine against gamma. Right: how its distance from the limit falls with n."""
    figure, (cosines, distances) = plt.subplots(
        1, 2, figsize=(style.WIDE, 3.4), width_ratios=(1.25, 1)
    )
    draw_cosines(cosines, judged)
    draw_distances(distances, judged)
    return figure


def draw_cosines(ax, judged):
    """Measured cosines on the predicted curves, a shade an n, and the judged limits."""
    curves, rho = judged.curves, judged.parameters.cosine
    rows = zip(claim.DRAWN_SIZES, SHADES, judged.arrays["curves"], curves["cosines"], strict=True)
    for n, colour, measured, predicted in rows:
        ax.plot(curves["shares"], predicted, color=colour, lw=0.9)
        ax.plot(claim.DRAWN, measured, "o", ms=2.5, color=colour, label=f"$n$ = {n:,}")
    ax.plot(curves["shares"], curves["rival_gamma"], "--", color=style.CONTROL)
    style.name_control(ax, "rival: $\\gamma$\n10 % off", 0.87, 0.78, ha="right", va="top")
    for phase, share in claim.PHASES.items():
        style.draw_row(ax, share, judged.row(claim.limit(phase)), colour=style.MEASURED[1],
                       hollow=True, marker="D")  # fmt: skip
    ax.plot([], [], "D", ms=4, mfc="white", color=style.MEASURED[1],
            label="$n \\to \\infty$, extrapolated")  # fmt: skip
    shares = curves["shares"]
    ax.plot(shares, np.where(shares < 1, 1.0, rho), color=style.PREDICTED, lw=0.8, ls=":",
            label="limit, predicted")  # fmt: skip
    ax.set(xlabel=r"$\gamma\,(1 - \rho)$,  $\beta = \gamma\,\log n$", ylabel="output cosine",
           title=f"one step, tokens at cosine $\\rho$ = {rho:g}")  # fmt: skip
    ax.legend(fontsize=7)


def draw_distances(ax, judged):
    """Distances from the limits on the predicted curves, and the judged orders."""
    sizes = judged.parameters.sizes()
    limits, orders = judged.curves["limits"], (claim.COLLAPSE, claim.CRITICAL, claim.KEPT)
    for k, (phase, share) in enumerate(claim.PHASES.items()):
        colour, row = style.MEASURED[k], judged.row(orders[k])
        distance = np.abs(judged.arrays["cosines"][k] - limits[k])
        ax.plot(judged.curves["sizes"], judged.curves["distances"][k], color=colour, lw=0.9)
        ax.plot(sizes, distance, "osD"[k], ms=4, mfc="white", color=colour,
                label=f"{phase}, {share:g}: order {row.measured:.2f}, predicted {row.predicted:g}")  # fmt: skip
    ax.set(
        xlabel="tokens $n$",
        ylabel="|output cosine $-$ limit|",
        title="how fast the limits are reached",
    )
    style.log_axis(ax.xaxis)
    style.log_axis(ax.yaxis)
    ax.set_ylim(bottom=2e-6)
    ax.legend(fontsize=7, loc="lower left", title=r"$\gamma\,(1 - \rho)$", title_fontsize=7)
