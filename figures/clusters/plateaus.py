"""A plateau of random data lasts as long as its closest pair would alone, unless another is
near."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import clusters as claim


def draw(judged):
    """Length over the life of the closest pair alone, against how much farther the next pair is;
    beside it the judged mean of those with one close pair."""
    rows, row = judged.arrays["plateaus"], judged.row(claim.RANDOM)
    rows = rows[np.isfinite(rows[:, 3])]
    ratio, margin = rows[:, 2] / rows[:, 3], rows[:, 5]
    chosen = margin >= claim.MARGIN
    figure, (ax, mean) = plt.subplots(
        1, 2, figsize=(style.NARROW, 3.5), width_ratios=(6, 1), sharey=True
    )
    for panel in (ax, mean):
        panel.axhline(row.predicted, color=style.PREDICTED, label="predicted")
        for rival in row.rivals.values():
            panel.axhline(rival.value, color=style.CONTROL, ls="--")
    for name, rival in row.rivals.items():
        above = rival.value > row.predicted
        place = {"xycoords": ("axes fraction", "data"), "va": "bottom" if above else "top"}
        style.name_control(ax, f"rival: {name}", 1.0, rival.value, ha="right", **place)
    ax.axvline(claim.MARGIN, color=style.CONTROL, ls=":")
    style.name_control(ax, "one close pair:\nfrom here on", claim.MARGIN, 1.53, va="top", dx=3)
    colour = style.MEASURED[0]
    ax.plot(
        margin[~chosen], ratio[~chosen], "o", ms=4, mfc="none", color=colour,
        label="measured, another pair is near",
    )  # fmt: skip
    ax.plot(
        margin[chosen], ratio[chosen], "o", ms=4, color=colour, label="measured, one close pair"
    )
    if np.isfinite(row.measured):
        style.draw_row(mean, 0.0, row, colour=colour, marker="D", hollow=True)
    ax.plot([], [], "D", ms=5, mfc="white", color=colour, label="their mean, judged")
    mean.set(xticks=[], xlim=(-1, 1), xlabel="mean")
    ax.set(
        xlabel=r"$\delta^2/(4\varepsilon)$ of the next pair, less the closest's",
        ylabel="length over life of the pair alone",
        title="Plateaus of random data",
        ylim=(0.7, 1.55),
    )
    figure.legend(*ax.get_legend_handles_labels(), loc="outside lower center", fontsize=7)
    return figure


def facts(judged):
    """Random data have sizes of their own."""
    p = judged.parameters
    return (f"here {p.n_runs} runs of {p.n_random} tokens",)
