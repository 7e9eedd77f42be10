"""A plateau of random data lasts as long as its closest pair would alone, unless another is near."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import clusters as claim


def draw(judged):
    """Length over the life of the closest pair alone, against how much farther the next pair is."""
    rows, row = judged.arrays["plateaus"], judged.row(claim.RANDOM)
    rows = rows[np.isfinite(rows[:, 3])]
    ratio, margin = rows[:, 2] / rows[:, 3], rows[:, 5]
    chosen = margin >= claim.MARGIN
    figure, ax = plt.subplots(figsize=(3.4, 3.2))
    ax.axhline(row.predicted, color=style.PREDICTED, label="predicted")
    for k, rival in enumerate(row.rivals.values()):
        label = "rivals: 10 % off" if k == 0 else None
        ax.axhline(rival.value, color=style.CONTROL, ls="--", lw=1, label=label)
    ax.plot(
        margin[~chosen], ratio[~chosen], "o", ms=4, mfc="none", color=style.MEASURED[0],
        label="measured, another pair is near",
    )  # fmt: skip
    ax.plot(
        margin[chosen], ratio[chosen], "o", ms=4, color=style.MEASURED[0],
        label="measured, one close pair",
    )  # fmt: skip
    if np.isfinite(row.measured):
        far = max(margin.max(initial=claim.MARGIN), claim.MARGIN) * 1.08
        style.draw_row(ax, far, row, colour=style.MEASURED[1], marker="D", label="judged mean")
    ax.axvline(claim.MARGIN, color=style.CONTROL, lw=0.6, ls=":")
    ax.set(
        xlabel=r"$\delta^2/(4\varepsilon)$ of the next pair, less the closest's",
        ylabel="length over life of the pair alone",
        title="Plateaus of random data",
        ylim=(0.7, 1.55),
    )
    ax.legend(fontsize=7)
    return figure
