"""Attention with a learned metric less self-attention, paired runs: where an interval lies right of
0, the metric learns better, as the paper says; left of 0, worse; across 0, nothing is known."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import metric_attention as claim

ROW, BELOW = 0.21, 1.0  # inches: a row, and what is around all of them
COLOUR = {"supported": style.MEASURED[0], "refuted": style.MEASURED[1], "inconclusive": "#6b6b6b"}
WORDS = {
    "supported": "metric better", "refuted": "metric worse", "inconclusive": "not decided",
}  # fmt: skip


def draw(judged):
    """Accuracies on the left, steps on the right, a line a row; a colour a verdict."""
    tasks = judged.parameters.all_tasks
    places = [(t, w) for t in tasks for w in claim.quantities_of(t) if w != claim.STEPS]
    height = ROW * len(places) + BELOW
    figure, (left, right) = plt.subplots(1, 2, figsize=(style.WIDE, height), width_ratios=(3, 2))
    forest(left, judged, places, [f"{task}: {what}" for task, what in places])
    forest(right, judged, [(task, claim.STEPS) for task in tasks], list(tasks))
    left.set_xlabel("difference in accuracy, metric less self")
    right.set_xlabel("log of steps of self over steps of metric")
    left.set_title("accuracy and robustness", loc="left")
    right.set_title("steps to the declared loss", loc="left")
    for verdict, words in WORDS.items():
        right.plot([], [], "o", ms=4, color=COLOUR[verdict], label=words)
    figure.legend(loc="outside upper right", ncols=3, fontsize=style.SMALL)
    return figure


def forest(ax, judged, places, names):
    """A row a place, from above."""
    heights = np.arange(len(places))[::-1]
    for y, place in zip(heights, places, strict=True):
        row = judged.row(claim.row(*place))
        style.draw_row(ax, y, row, colour=COLOUR[row.verdict], horizontal=True)
    ax.axvline(0.0, color=style.PREDICTED, lw=1)
    ax.set_yticks(heights, names, fontsize=style.SMALL)
    ax.set_ylim(-0.6, len(places) - 0.4)
    ax.tick_params(axis="y", length=0)


def facts(judged) -> tuple[str, ...]:
    p = judged.parameters
    return (f"{p.n_steps} steps", f"{len(claim.LEARNING_RATES)} learning rates, by validation")
