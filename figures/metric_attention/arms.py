"""Other scores less self-attention, paired runs, and two controls: the same score from another start
differs by nothing, and a temperature held ten times too high loses."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from figures.metric_attention.metric_attention import BESIDE, COLOUR, ROW, legend
from theory.claims import metric_attention as claim

QUANTITIES = (claim.ACCURACY, claim.AREA)
WORDS = {"supported": "better than self", "refuted": "worse", "inconclusive": "not decided"}


def draw(judged):
    """A column for each task of the other arms, a line an arm."""
    p = judged.parameters
    tasks = [t for t in p.all_tasks if len(p.arms_on(t)) > 2] or [p.all_tasks[0]]
    shown = {arm for task in tasks for arm in p.arms_on(task)} - {claim.SELF, claim.HELD}
    arms = [arm for arm in p.arms if arm in shown]
    height = len(QUANTITIES) * (ROW * len(arms) + BESIDE) + 0.3
    figure, axes = plt.subplots(
        len(QUANTITIES), len(tasks), squeeze=False, sharey=True, figsize=(style.WIDE, height)
    )
    for line, what in zip(axes, QUANTITIES, strict=True):
        for ax, task in zip(line, tasks, strict=True):
            column(ax, judged, task, scored(task, what), arms)
            if what == QUANTITIES[0]:
                ax.set_title(task.replace("_", " "), loc="left")
        line[0].set_yticks(-np.arange(len(arms)), [a.replace("_", " ") for a in arms])
        line[0].tick_params(axis="y", labelsize=style.SMALL)
        line[len(tasks) // 2].set_xlabel(f"{what}, arm less self", fontsize=style.SMALL)
    legend(figure, axes[0, 0], WORDS)
    return figure


def scored(task, what):
    """What stands for accuracy on a graph."""
    return claim.AUC if claim.is_graph(task) and what == claim.ACCURACY else what


def column(ax, judged, task, what, arms):
    """The arms that are run on a task."""
    for y, arm in enumerate(arms):
        if (task, what) in judged.parameters.comparisons(arm):
            row = judged.row(claim.row(task, what, arm))
            colour = "#6b6b6b" if arm == claim.TWIN else COLOUR[row.verdict]
            style.draw_row(ax, -y, row, colour=colour, horizontal=True)
    ax.axvline(0.0, color=style.PREDICTED, lw=1)
    ax.set_ylim(-len(arms) + 0.4, 0.6)
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", labelsize=style.SMALL)
    ax.locator_params(axis="x", nbins=3)


def facts(judged) -> tuple[str, ...]:
    return (f"{judged.parameters.runs_of('')} samples of other arms",)
