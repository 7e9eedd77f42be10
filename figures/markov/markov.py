"""Features of forty tokens on their way to the consensus that the degrees give; the consensus
values of many samples beside their predicted law."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import norm

from figures import style
from theory.claims import markov as claim


def draw(judged):
    """Left: features against steps. Right: histogram of the consensus values of all samples."""
    a = judged.arrays
    figure, (left, right) = plt.subplots(1, 2, figsize=(style.WIDE, 3.3))
    left.plot(a["path_steps"], a["path"], color=style.MEASURED[0], lw=0.5, alpha=0.6)
    left.plot([], [], color=style.MEASURED[0], label="$(A^t H)(x_i)$ of 40 tokens")
    left.axhline(
        a["path_consensus"], color=style.PREDICTED, label=r"$\sum_i\, \pi_i H_i$ of this sample"
    )
    left.axhline(a["path_mean"], color=style.CONTROL, ls="--")
    last = a["path_steps"][-1]
    style.name_control(left, "rival: plain mean of $H$", last, a["path_mean"], ha="right", va="top")
    left.set(xlabel="steps $t$", ylabel="features $A^t H$", title="One sample reaches consensus")
    left.legend(fontsize=7, loc="upper right")
    draw_law(right, judged)
    return figure


def draw_law(ax, judged):
    """Consensus values of the samples, the predicted normal law, and the rival mean."""
    mean, spread = judged.row(claim.CONSENSUS), judged.row(claim.VARIANCE)
    values, n = judged.arrays["consensus"], judged.parameters.n_tokens
    ax.hist(values, bins=40, density=True, color=style.MEASURED[0], alpha=0.5, label="each sample")
    grid = np.linspace(values.min(), values.max(), 200)
    law = norm.pdf(grid, mean.predicted, np.sqrt(spread.predicted / n))
    ax.plot(grid, law, color=style.PREDICTED, label="predicted law")
    top = law.max()
    ax.axvline(mean.predicted, color=style.PREDICTED, lw=1, ymax=0.85)
    style.draw_row(
        ax, 1.24 * top, mean, colour=style.MEASURED[0], marker="D", horizontal=True, hollow=True,
        label="mean of samples, judged",
    )  # fmt: skip
    for name in ("plain mean of H", "10 % less", "10 % more"):
        value = mean.rivals[name].value
        ax.axvline(value, color=style.CONTROL, ls="--", ymax=0.75)
        words = name.replace(" of H", "\nof $H$").replace("% ", "%\n")
        style.name_control(ax, words, value, 1.02 * top, dx=2)
    ax.plot([], [], "--", color=style.CONTROL, label="rivals")
    ax.set(
        xlabel="consensus value",
        ylabel="density over samples",
        title=f"{len(values):,} samples of $N$ = {n:,} tokens",
        ylim=(0, 1.55 * top),
    )
    ax.legend(fontsize=7, loc="upper right", ncols=2, columnspacing=1, handlelength=1.5)
