"""Share of a metric in what the score of self-attention says of pairs, while it is trained: thin
lines are runs, thick ones their mean. Where the task asks for what is near it is predicted to rise
above the start and above its nulls, where it asks for a successor to fall. A metric has 1."""

from __future__ import annotations

import matplotlib.pyplot as plt

from figures import style
from theory.claims import learned_scores as claim
from theory.claims.metric_attention import SELF

METRIC_SHARE = 1  # of the shares that are measured: that of the interaction alone
MARKS = {claim.RANDOM: ("--", "random maps, same spectra"), claim.PAIRED: (":", "maps paired anew")}
SAID = {1: "predicted to rise", -1: "predicted to fall"}


def draw(judged):
    """A panel a task: the free score, and two nulls made of its own maps."""
    tasks = judged.parameters.tasks
    figure, axes = plt.subplots(
        1, len(tasks), figsize=(style.WIDE, 2.7), sharey=True, squeeze=False
    )
    for ax, task in zip(axes[0], tasks, strict=True):
        curves(ax, judged, task)
        ax.set_title(f"{task}: {SAID[claim.ASKS[task]]}", loc="left")
        ax.set_xlabel("steps of training")
    axes[0, 0].set_ylabel("metric share")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=style.SMALL)
    return figure


def curves(ax, judged, task):
    """Means over heads by snapshots: of every run, and over runs."""
    steps = judged.arrays["steps"]
    places = range(len(steps))
    trained = shares(judged, task, "trained")
    ax.plot(places, trained.T, color=style.MEASURED[0], lw=0.5, alpha=0.35)
    ax.plot(places, trained.mean(0), "o-", ms=3, color=style.MEASURED[0], label="self-attention")
    for null, (line, words) in MARKS.items():
        ax.plot(places, shares(judged, task, null).mean(0), line, color=style.CONTROL, label=words)
    ax.axhline(1.0, color=style.PREDICTED, lw=0.8)
    ax.annotate(
        "any metric", (0, 1.0), xytext=(0, -2), textcoords="offset points", va="top",
        fontsize=style.SMALL,
    )  # fmt: skip
    ax.set_xticks(places, [f"{step}" for step in steps], fontsize=style.SMALL)
    ax.set_ylim(0, 1.05)


def shares(judged, task, which):
    """(runs, steps): the mean over heads."""
    return judged.arrays[f"{task}/{SELF}/shares, {which}"][..., METRIC_SHARE].mean(axis=2)
