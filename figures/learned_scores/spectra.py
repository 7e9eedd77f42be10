"""Eigenvalues of trained heads as Markov chains, in the unit circle: those of a metric are real and
between 0 and 1, as predicted (black line), those of a free score need not be. One run, all heads, four
sets of tokens."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import learned_scores as claim
from theory.claims.metric_attention import METRIC, SELF

NAMES = {SELF: "self-attention", METRIC: "learned metric"}


def draw(judged):
    """A column a task, a row an arm; what is judged is written beside."""
    tasks = judged.parameters.chains
    figure, axes = plt.subplots(
        2, len(tasks), figsize=(style.WIDE, 5.0), sharex=True, sharey=True, squeeze=False
    )
    for column, task in enumerate(tasks):
        for line, arm in enumerate(claim.ARMS):
            ax = axes[line, column]
            plane(ax, judged.arrays[f"{task}/{arm}/eigenvalues"][0], style.MEASURED[1 - line])
            ax.set_title(f"{task}, {NAMES[arm]}", loc="left", fontsize=8)
        axes[1, column].set_xlabel("real part")
    for ax in axes[:, 0]:
        ax.set_ylabel("imaginary part")
    return figure


def plane(ax, values, colour):
    """values: (heads, sets, n, 2), real and imaginary."""
    turn = np.linspace(0, 2 * np.pi, 200)
    ax.plot(np.cos(turn), np.sin(turn), color=style.CONTROL, lw=0.8)
    ax.plot([0, 1], [0, 0], color=style.PREDICTED, lw=3, alpha=0.35, solid_capstyle="butt")
    ax.plot(values[..., 0].ravel(), values[..., 1].ravel(), ".", ms=2.5, alpha=0.6, color=colour)
    ax.set(aspect="equal", xlim=(-1.06, 1.06), ylim=(-1.06, 1.06))


def facts(judged) -> tuple[str, ...]:
    largest = judged.row(claim.IMAGINARY).measured
    return (f"metric: largest imaginary part {largest:.1g}",)
