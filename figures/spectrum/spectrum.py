"""The eigenvalues of attention stand on plateaus as wide as the multiplicities of the sphere, which the
noise of a sample tilts; their means over the first 3, 8 and 15 tend to those of l(l+1)."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import spectrum as claim


def draw(judged):
    """Left: eigenvalues of i.i.d. samples, sorted. Right: judged limits over their predictions."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(style.WIDE, 3.2), width_ratios=(1.5, 1))
    eps, n = judged.parameters.temperature, judged.parameters.n_tokens
    plateaus(left, judged.curves["sphere at eps"])
    samples = judged.arrays["sphere jackknifed"]
    index = np.arange(1, samples.shape[1] + 1)
    colour = style.colour("sphere")
    low, middle, high = np.percentile(samples, [25, 50, 75], axis=0)
    left.errorbar(
        index, middle, [middle - low, high - middle], fmt="o", ms=1.8, lw=1, color=colour,
        label="measured: median,\nhalf of the samples",
    )  # fmt: skip
    left.set(
        xlabel="index $k$",
        ylabel=r"$(1 - \mu_k)/\tau$",
        title=f"i.i.d. tokens on the sphere, $N$ = {n:,}, $\\varepsilon$ = {eps:g}",
        xticks=index[::2],
        ylim=(0, None),
    )
    left.legend(loc="upper left", fontsize=7)
    draw_limits(right, judged)
    return figure


def plateaus(ax, values):
    """A line for each level at its predicted height; a sample splits levels by its noise."""
    for number, value in enumerate(np.unique(np.round(values, 9))):
        at = np.flatnonzero(np.isclose(values, value)) + 1
        label = None if number else r"predicted at this $\varepsilon$, $N = \infty$"
        ax.plot([at[0] - 0.4, at[-1] + 0.4], [value, value], color=style.PREDICTED, label=label)
        ax.text(at[-1] + 0.5, value, f"$l = {number + 1}$", va="center", fontsize=7)


def draw_limits(ax, judged):
    """The judged means of the first eigenvalues, extrapolated to eps = 0, over the predicted."""
    for place, k in enumerate(claim.LEADING):
        row = judged.row(claim.leading(k))
        style.draw_row(
            ax, place, row, colour=style.colour("sphere"), marker="D", scale=row.predicted,
            hollow=True,
        )  # fmt: skip
    ax.axhline(1.0, color=style.PREDICTED, label=r"predicted, $l(l+1)$")
    for value, name, side in ((1.1, "10 % more", "bottom"), (0.9, "10 % less", "top")):
        ax.axhline(value, color=style.CONTROL, ls="--")
        style.name_control(ax, f"rival: {name}", -0.4, value, va=side)
    names = [f"first {k}" for k in claim.LEADING]
    ax.set(
        xticks=range(len(names)),
        xticklabels=names,
        xlim=(-0.5, len(names) - 0.5),
        ylim=(0.85, 1.15),
        xlabel="eigenvalues averaged",
        ylabel="measured limit over predicted",
        title=r"Limit $\varepsilon \to 0$, seen by the samples",
    )
    ax.legend(fontsize=7)
