"""The validation loss of self-attention and of attention with a learned metric over the steps: the
geometric mean over paired runs, with its interval; dotted, the loss whose first passing is timed."""

from __future__ import annotations

import matplotlib.pyplot as plt

from figures import style
from theory.claims import metric_attention as claim

COLUMNS, HEIGHT = 3, 1.6  # panels beside each other; inches of one
ARMS = {claim.SELF: style.MEASURED[1], claim.METRIC: style.MEASURED[0]}


def draw(judged):
    """A panel a task."""
    tasks = judged.parameters.all_tasks
    count = -(-len(tasks) // COLUMNS)
    figure, axes = plt.subplots(
        count, COLUMNS, squeeze=False, sharex=True, figsize=(style.WIDE, HEIGHT * count + 0.4)
    )
    for ax, task in zip(axes.flat, tasks, strict=False):
        panel(ax, judged, task)
    for ax in axes.flat[len(tasks) :]:
        ax.set_axis_off()
    for ax in axes.flat[max(0, len(tasks) - COLUMNS) : len(tasks)]:
        ax.set_xlabel("steps")
        ax.tick_params(axis="x", labelbottom=True)
    for line in axes:
        line[0].set_ylabel("validation loss")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper right", ncols=2)
    return figure


def panel(ax, judged, task):
    for arm, colour in ARMS.items():
        steps, mean, low, high = judged.arrays[f"curve/{task}/{arm}"]
        ax.fill_between(steps, low, high, color=colour, alpha=0.25, lw=0)
        ax.plot(steps, mean, color=colour, label=f"{arm}")
    level = None if claim.is_graph(task) else claim.design(task).loss
    if level is not None:
        ax.axhline(level, color=style.CONTROL, ls=":", lw=1)
    style.log_axis(ax.yaxis)
    ax.tick_params(labelsize=style.SMALL)
    ax.set_title(task.replace("_", " "), loc="left")


def facts(judged) -> tuple[str, ...]:
    return (f"{judged.parameters.n_steps} steps",)
