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
    left.axhline(a["path_mean"], color=style.CONTROL, ls="--", label="rival: plain mean of $H$")
    left.set(xlabel="steps $t$", ylabel="features $A^t H$", title="One sample reaches consensus")
    left.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.45, -0.2), ncols=2)
    draw_law(right, judged)
    return figure


def draw_law(ax, judged):
    """Consensus values of the samples, the predicted normal law, and the rival mean."""
    mean, spread = judged.row(claim.CONSENSUS), judged.row(claim.VARIANCE)
    values, n = judged.arrays["consensus"], judged.parameters.n_tokens
    ax.hist(values, bins=40, density=True, color=style.MEASURED[0], alpha=0.5, label="measured")
    grid = np.linspace(values.min(), values.max(), 200)
    law = norm.pdf(grid, mean.predicted, np.sqrt(spread.predicted / n))
    ax.plot(grid, law, color=style.PREDICTED, label="predicted mean and variance")
    (name, rival), *_ = mean.rivals.items()
    ax.axvline(rival.value, color=style.CONTROL, ls="--", label=f"rival: {name}")
    ax.set(
        xlabel="consensus value",
        ylabel="density over samples",
        title=f"{len(values):,} samples of $N$ = {n:,} tokens",
    )
    ax.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=3, columnspacing=1)
