"""Attention with a learned metric less self-attention, paired runs: where an interval lies right of
0, the metric learns better, as the paper says; left of 0, worse; across 0, nothing is known."""

from __future__ import annotations

import textwrap

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import metric_attention as claim

COLUMNS = 3
ROW, BESIDE = 0.16, 0.55  # inches: a row of a panel, and what is above and below its rows
COLOUR = {"supported": style.MEASURED[0], "refuted": style.MEASURED[1], "inconclusive": "#6b6b6b"}
WORDS = {
    "supported": "metric better", "refuted": "metric worse", "inconclusive": "not decided",
}  # fmt: skip
TITLE = 24  # letters of a line of a title


def draw(judged):
    """A panel for the parts over all real tasks, then one for each quantity, a line a task."""
    panels = panels_of(judged)
    lines = [panels[k : k + COLUMNS] for k in range(0, len(panels), COLUMNS)]
    most = [max(len(places) for _, places in line) for line in lines]
    heights = [ROW * rows + BESIDE for rows in most]
    figure, axes = plt.subplots(
        len(lines), COLUMNS, squeeze=False, figsize=(style.WIDE, sum(heights) + 0.3),
        height_ratios=heights,
    )  # fmt: skip
    for k, (ax, (title, places)) in enumerate(zip(axes.flat, panels, strict=False)):
        forest(ax, judged, places, most[k // COLUMNS])
        ax.set_title("\n".join(textwrap.wrap(title, TITLE)), loc="left", fontsize=8)
    for ax in axes.flat[len(panels) :]:
        ax.set_axis_off()
    legend(figure, axes[0, 0], WORDS)
    return figure


def panels_of(judged) -> list[tuple[str, list[tuple[str, str]]]]:
    """(title, the rows (name, quantity)) of each panel."""
    family = judged.parameters.comparisons(claim.METRIC)
    parts = [(part, claim.row(task, part)) for task, part in family if task == claim.REAL]
    whats = dict.fromkeys(what for task, what in family if task != claim.REAL)
    panels = [
        (what, [(t, claim.row(t, what)) for t, w in family if w == what and t != claim.REAL])
        for what in whats
    ]
    # long panels beside long ones
    panels.sort(key=lambda panel: -len(panel[1]))
    return [("the parts, over all real tasks", parts), *panels] if parts else panels


def forest(ax, judged, places, most):
    """A row a place, from above; all panels have as much room, `most` rows."""
    heights = -np.arange(len(places))
    for y, (_, name) in zip(heights, places, strict=True):
        row = judged.row(name)
        style.draw_row(ax, y, row, colour=COLOUR[row.verdict], horizontal=True)
    ax.axvline(0.0, color=style.PREDICTED, lw=1)
    names = [name.replace("_", " ") for name, _ in places]
    ax.set_yticks(heights, names, fontsize=style.SMALL)
    ax.set_ylim(-most + 0.4, 0.6)
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", labelsize=style.SMALL)
    ax.locator_params(axis="x", nbins=4)


def legend(figure, ax, words):
    """What the colours of verdicts say, below all panels."""
    for verdict, said in words.items():
        ax.plot([], [], "o", ms=4, color=COLOUR[verdict], label=said)
    figure.legend(loc="outside lower right", ncols=3, fontsize=style.SMALL)


def facts(judged) -> tuple[str, ...]:
    size = len(judged.parameters.comparisons(claim.METRIC))
    settings = len(claim.LEARNING_RATES) + len(claim.WEIGHT_DECAYS) - 1
    return (
        f"{settings} settings an arm, chosen by validation",
        f"a family of {size} rows, 95 % together",
    )
