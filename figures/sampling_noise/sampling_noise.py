"""The variance of attention over samples, against the temperature, in one, two and three
dimensions: its law, its constant as the temperature vanishes, and its value at the size of the samples."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import sampling_noise as claim


def draw(judged):
    """Left: N times the variance against eps, with its law. Right: judged rows over predicted."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(style.WIDE, 3.2), width_ratios=(1.15, 1))
    for d in claim.DIMENSIONS:
        draw_law(left, judged, d)
    sampled = f"of samples, $N$ = {judged.parameters.n_tokens:,}"
    left.plot([], [], "o", ms=5, mfc="none", color=style.PREDICTED, label="on quadrature nodes")
    left.plot([], [], "o", ms=4, color=style.PREDICTED, label=sampled)
    left.plot([], [], color=style.PREDICTED, label=r"predicted law, slope $1 - d/2$")
    style.log_axis(left.xaxis)
    style.log_axis(left.yaxis)
    left.set(
        xlabel=r"temperature $\varepsilon$",
        ylabel=r"$N\,$Var$[A H(x)]$, mean over $x$",
        title="noise of attention",
    )
    low, high = left.get_xlim()
    left.set_xlim(low / 2.5, high)
    draw_rows(right, judged)
    handles = left.get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncol=3, fontsize=7)
    return figure


def draw_law(ax, judged, d):
    """One dimension: points on nodes and of samples, the law and its rival."""
    a, colour = judged.arrays, style.colour(claim.MANIFOLDS[d])
    eps, constant = a[f"noise_temperatures_{d}"], float(judged.curves[f"noise_law_{d}"])
    line = np.array([eps[-1] / 1.5, eps[0] * 1.5])
    ax.plot(line, constant * line ** (1 - d / 2), color=colour)
    wrong = judged.row(claim.noise_constant(d)).rivals["(4 pi)^(-d/2)"].value
    ax.plot(line, wrong * line ** (1 - d / 2), "--", color=style.CONTROL)
    if d == claim.DIMENSIONS[0]:
        end = line[1] * 1.1, wrong * line[1] ** (1 - d / 2)
        style.name_control(ax, r"rivals: $(4\pi)^{-d/2}$", *end, va="center")
    ax.plot(eps, a[f"noise_variances_{d}"], "o", ms=6, mfc="none", color=colour)
    style.draw_row(ax, eps[0], judged.row(claim.noise(d)), colour=colour)
    start = line[0] / 1.1, constant * line[0] ** (1 - d / 2)
    ax.text(*start, f"$d$ = {d}", color=colour, fontsize=8, ha="right", va="center")


def draw_rows(ax, judged):
    """Each judged number over its prediction, and the rivals that are 10 % off."""
    names = []
    for d in claim.DIMENSIONS:
        colour = style.colour(claim.MANIFOLDS[d])
        for quantity, text in (
            (claim.noise(d), "samples"),
            (claim.noise_exponent(d), "exponent in $N$"),
            (claim.noise_constant(d), r"constant, $\varepsilon \to 0$"),
        ):
            row = judged.row(quantity)
            style.draw_row(
                ax, len(names), row, colour=colour, horizontal=True, scale=row.predicted,
                marker="D" if "0" in text else "o", hollow="0" in text,
            )  # fmt: skip
            names.append(f"$d$ = {d}, {text}")
    ax.axvline(1.0, color=style.PREDICTED)
    for rival, words, side in ((0.9, "10 %\nless", "right"), (1.1, "10 %\nmore", "left")):
        ax.axvline(rival, color=style.CONTROL, ls="--")
        style.name_control(
            ax, words, rival, len(names) - 0.6, ha=side, dx=2 if side == "left" else -2
        )
    ax.set(
        xlabel="measured / predicted",
        yticks=range(len(names)),
        yticklabels=names,
        xlim=(0.86, 1.14),
        xticks=[0.9, 1.0, 1.1],
        title="judged intervals",
    )
    ax.tick_params(axis="y", labelsize=7)
    ax.invert_yaxis()
