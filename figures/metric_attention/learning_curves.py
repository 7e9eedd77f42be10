"""The loss of validation by steps, a panel a task: thick lines are means over paired runs, thin lines
the runs of self-attention and of the plain metric. Grey is the loss whose first passing is timed."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import metric_attention as claim

COLUMNS, HEIGHT = 3, 2.0  # panels in a line; inches of one
FIRST = {claim.SELF: style.MEASURED[1], claim.METRIC: style.MEASURED[0]}


def draw(judged):
    """Tasks in the order of the rows; a graph's losses too, where they were kept."""
    tasks = [t for t in judged.parameters.all_tasks if losses(judged, t, claim.SELF) is not None]
    lines = math.ceil(len(tasks) / COLUMNS)
    size = (style.WIDE, HEIGHT * lines + 0.5)
    figure, axes = plt.subplots(lines, COLUMNS, figsize=size, squeeze=False)
    for ax, task in zip(axes.flat, tasks, strict=False):
        curves(ax, judged, task)
        ax.set_title(task.replace("_", " "), loc="left")
    for ax in axes.flat[len(tasks) :]:
        ax.set_axis_off()
    for ax in axes[:, 0]:
        ax.set_ylabel("loss of validation")
    named = {}
    for ax in axes.flat:
        named |= {label: line for line, label in zip(*ax.get_legend_handles_labels(), strict=True)}
    figure.legend(named.values(), named, loc="outside lower center", ncols=4, fontsize=style.SMALL)
    return figure


def curves(ax, judged, task):
    arms = judged.parameters.arms
    shades = dict(zip(arms, style.kinds(len(arms)), strict=True))
    for arm in judged.parameters.arms_on(task):
        found = losses(judged, task, arm)
        steps = claim.EVALUATED * np.arange(found.shape[1])
        colour = FIRST.get(arm, shades[arm])
        if arm in FIRST:
            ax.plot(steps, found.T, color=colour, lw=0.3, alpha=0.3)
        label = arm.replace("_", " ")
        width = 1.8 if arm in FIRST else 1.0
        ax.plot(steps, found.mean(axis=0), color=colour, lw=width, label=label)
    if task in claim.TASKS and claim.TASKS[task].loss is not None:
        ax.axhline(claim.TASKS[task].loss, color=style.CONTROL, ls="--", lw=1)
    style.log_axis(ax.yaxis)
    ax.set_xlabel("steps")


def losses(judged, task, arm):
    """(runs, looks), or None where they were not kept."""
    return judged.arrays.get(f"{task}/{arm}/losses")


def facts(judged) -> tuple[str, ...]:
    p = judged.parameters
    return (f"{p.n_steps} steps", "thin lines: runs")
