"""Attention averages many keys, or copies one: the expected sum of its squared weights on S² over
the number of keys and the scale β of the score, predicted (ground) and measured (dots of the same
colours); on spheres of three dimensions over s, one over the number of effective neighbours, between
the sampling law of many neighbours and the law of two; and the critical scale, at which the sum is a
half, which grows as N², N and N^(2/3)."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import patheffects

from figures import style
from theory.claims import long_context as claim

EDGE = [patheffects.withStroke(linewidth=2.2, foreground="#222222")]
ON_GROUND = {"fontsize": 8, "color": "white", "path_effects": EDGE, "ha": "center"}
LEVELS = np.linspace(0, 1, 51)


def draw(judged):
    """Left: the plane of N and beta. Middle: over s, with both ends. Right: the critical scale."""
    figure, (plane, law, critical) = plt.subplots(
        1, 3, figsize=(style.WIDE, 2.9), width_ratios=(1.25, 1, 1)
    )
    draw_plane(figure, plane, judged)
    draw_law(law, judged)
    draw_critical(critical, judged)
    return figure


def draw_plane(figure, ax, judged):
    """Predicted ground, measured dots, the line on which the sum of squares is a half."""
    curves = judged.curves
    n, beta = curves["tokens"], curves["scales"]
    look = {"cmap": style.SEQUENTIAL, "vmin": 0, "vmax": 1}
    ground = ax.contourf(n, beta, curves["ground"], LEVELS, **look)
    ground.set_edgecolor("face")
    ax.contour(n, beta, curves["ground"], [claim.HALF], colors=style.PREDICTED, linewidths=1.4)
    sizes, scales = np.meshgrid(claim.MAP_SIZES, claim.MAP_SCALES)
    ax.scatter(
        sizes, scales, c=judged.arrays["map"].T, s=20, edgecolors="white", linewidths=0.6, **look
    )
    # the rival passes through the critical scale of a thousand keys
    middle = np.exp(np.interp(np.log(1000), np.log(judged.parameters.sizes()),
                              np.log(curves["critical_2"])))  # fmt: skip
    ax.plot(n, middle * (n / 1000) ** (2 / 3), "--", color="white", lw=1.2, path_effects=EDGE)
    ax.text(14_000, 1300, "rival:\n$N^{2/D}$", **ON_GROUND | {"fontsize": style.SMALL, "va": "top"})
    ax.text(128, 9000, "copying", **ON_GROUND)
    ax.text(4000, 4, "averaging", **ON_GROUND)
    ax.text(95, 500, "critical", **ON_GROUND)
    ax.set(
        xscale="log", yscale="log", xlim=(n[0], n[-1]), ylim=(beta[0], beta[-1]),
        xlabel="keys $N$", ylabel=r"scale $\beta$ of the score", title=r"$S^2$, $D$ = 3",
    )  # fmt: skip
    bar = figure.colorbar(ground, ax=ax, ticks=[0, 0.25, 0.5, 0.75, 1], pad=0.02)
    bar.ax.set_title(r"$E\,\sum\, w_i^2$", fontsize=style.SMALL)
    bar.ax.tick_params(labelsize=style.SMALL)


def draw_law(ax, judged):
    """The sum of squares over s: curves of the Poisson law, judged rows, and both ends."""
    curves, s = judged.curves, judged.curves["shares"]
    for d, colour in colours().items():
        ax.plot(s, curves[f"law_{d}"], color=colour, lw=1)
        few = s < 0.5
        ax.plot(s[few], curves[f"averaging_{d}"][few], ":", color=colour, lw=1.2)
        if d in claim.COPIED:
            many = s > 3
            ax.plot(s[many], 1 - curves[f"copying_{d}"][many], ":", color=colour, lw=1.2)
        for share, row, flipped in rows_over_s(judged, d):
            value, ends = row.measured, (row.measured - row.ci_low, row.ci_high - row.measured)
            if flipped:
                value, ends = 1 - value, ends[::-1]
            ax.errorbar(
                share, value, yerr=np.transpose([ends]), fmt="o", ms=3.5, color=colour, zorder=3,
                mfc="white" if row.kind == "limit" else colour,
            )  # fmt: skip
    for factor in (0.9, 1.1):
        rival = np.interp(np.log(s), np.log(s) + np.log(factor), curves["law_2"])
        ax.plot(s, rival, "--", color=style.CONTROL, lw=0.8)
    style.name_control(ax, "rivals for $S^2$:\n" r"$\theta$ 10 % off", 60, 0.2, ha="right")
    ax.plot([], [], ":", color=style.PREDICTED, label="both ends")
    ax.set(
        xscale="log", ylim=(0, 1.02), xlabel="$s$, 1/neighbours",
        ylabel=r"$E\,\sum\, w_i^2$", title="the Poisson law",
    )  # fmt: skip
    ax.legend(loc="upper left", fontsize=style.SMALL)


def rows_over_s(judged, d):
    """(s, row, whether it is of 1 - E sum w^2) of every judged row at a given s."""
    named = claim.limit if d == claim.SPHERE else lambda s: claim.at_size(d, s)
    found = [(s, judged.row(named(s)), False) for s in claim.CRITICAL]
    found.append((claim.AVERAGING, judged.row(claim.averaging(d)), False))
    if d in claim.COPIED:
        found.append((claim.COPYING, judged.row(claim.copying(d)), True))
    return found


def draw_critical(ax, judged):
    """The critical scale over N: predicted lines, measured intervals, rivals through the first."""
    sizes = judged.parameters.sizes()
    for d, colour in colours().items():
        value, low, high = judged.arrays[f"critical_{d}"].T
        predicted = judged.curves[f"critical_{d}"]
        ax.plot(sizes, predicted, color=colour, lw=1)
        bars = [value - low, high - value]
        row = judged.row(claim.exponent(d))
        text = f"$S^{d}$: {row.measured:.3f} ± {row.half_width:.3f}"
        ax.errorbar(sizes, value, yerr=bars, fmt="o", ms=3.5, color=colour, label=text, zorder=3)
        rival = predicted[0] * (sizes / sizes[0]) ** (2 / (d + 1))
        ax.plot(sizes, rival, "--", color=style.CONTROL, lw=1)
    style.name_control(ax, "rivals: $2/D$", sizes[-1], 35.0, ha="right")
    ax.set(xlabel="keys $N$", ylabel=r"critical scale $\beta$", title="exponents in $N$")
    ax.set(xscale="log", yscale="log", ylim=(20, 1e10))
    ax.legend(loc="upper left", fontsize=style.SMALL)


def colours():
    return {d: style.colour(name) for d, name in claim.MANIFOLDS.items()}


def facts(judged):
    """The sizes of the search."""
    sizes = judged.parameters.sizes()
    return (f"critical scale: N = {sizes[0]:,} to {sizes[-1]:,}",)
