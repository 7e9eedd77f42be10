"""What was said of trained heads before the run, each with its judged interval: right of 0 it is so,
left of 0 the other way round, across 0 nothing is known. Shares are parts of 1, entropy production
is in nats a step."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import learned_scores as claim

ROW, BELOW = 0.19, 1.1  # inches: a row, and what is around all of them
COLOUR = {"supported": style.MEASURED[0], "refuted": style.MEASURED[1], "inconclusive": "#6b6b6b"}
WORDS = {
    "supported": "as said", "refuted": "the other way round", "inconclusive": "not decided",
}  # fmt: skip


def draw(judged):
    """A group of rows a task."""
    names = [(task, name) for task in judged.parameters.tasks for name in rows_of(judged, task)]
    figure, ax = plt.subplots(figsize=(style.WIDE, ROW * len(names) + BELOW))
    heights = np.arange(len(names))[::-1]
    for y, (_, name) in zip(heights, names, strict=True):
        row = judged.row(name)
        style.draw_row(ax, y, row, colour=COLOUR[row.verdict], horizontal=True)
    ax.axvline(0.0, color=style.PREDICTED, lw=1)
    ax.set_yticks(heights, [name for _, name in names], fontsize=style.SMALL)
    ax.set_ylim(-0.6, len(names) - 0.4)
    ax.tick_params(axis="y", length=0)
    for k in range(1, len(names)):
        if names[k][0] != names[k - 1][0]:
            ax.axhline(len(names) - k - 0.5, color="#cccccc", lw=0.8)
    ax.set_xscale("symlog", linthresh=0.1, linscale=0.8)
    ax.set_xlabel("difference, in the order that its name says")
    ax.set_xticks([-1, -0.1, 0, 0.1, 1], ["−1", "−0.1", "0", "0.1", "1"])
    for verdict, words in WORDS.items():
        ax.plot([], [], "o", ms=4, color=COLOUR[verdict], label=words)
    figure.legend(loc="outside lower right", ncols=3, fontsize=style.SMALL)
    return figure


def rows_of(judged, task) -> list[str]:
    """Of a causal task its shares alone."""
    compared = claim.COMPARED if task in judged.parameters.chains else ()
    return [
        *(claim.row(task, *said) for said in claim.said_of(task)),
        *(claim.compared_row(task, what) for what in compared),
    ]
