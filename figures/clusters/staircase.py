"""From random data clusters form in a few steps; then they rest, and merge pair by pair."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims.clusters import PERIOD

N_RUNS = 5
SETTLED = 30  # steps after which tokens have gathered


def draw(judged):
    """Over the steps: paths of the tokens of the first run; number of clusters of several runs,
    with ticks where their closest pair alone would have merged."""
    figure, (top, bottom) = plt.subplots(
        2, 1, figsize=(7.0, 5.4), sharex=True, height_ratios=(1.5, 1)
    )
    draw_paths(top, judged.arrays)
    draw_numbers(bottom, judged.arrays, judged.parameters.n_steps)
    return figure


def draw_paths(ax, a):
    for k, path in enumerate(a["tokens"].T):
        path = path.copy()
        # a token that passes the seam of the circle leaves on one side and comes in on the other
        path[1:][np.abs(np.diff(path)) > PERIOD / 2] = np.nan
        ax.plot(a["token_steps"], path, lw=0.5, color=style.MEASURED[k % 2 * 5], alpha=0.8)
    ax.set(ylabel="place on the flat circle", ylim=(0, PERIOD))
    ax.set_title("Clusters form in a few steps and rest for thousands")


def draw_numbers(ax, a, end):
    stairs, plateaus = a["stairs"], a["plateaus"]
    runs = min(N_RUNS, int(stairs[:, 0].max()) + 1)
    tints = style.shades(style.MEASURED[0], runs)
    for s, colour in enumerate(tints):
        own = stairs[stairs[:, 0] == s]
        ax.step(
            np.append(own[:, 1], end), np.append(own[:, 2], own[-1, 2]), where="post",
            color=colour, lw=1.1,
        )  # fmt: skip
        rest = plateaus[(plateaus[:, 0] == s) & np.isfinite(plateaus[:, 3])]
        count = [own[own[:, 1] <= start, 2][-1] for start in rest[:, 1]]
        ax.plot(rest[:, 1] + rest[:, 3], count, "|", ms=10, mew=1.6, color=colour)
    ax.plot([], [], color=tints[0], label=f"measured, {runs} runs; the darkest is the one above")
    label = "end of a plateau if its closest pair were alone"
    ax.plot([], [], "|", ms=10, mew=1.6, color=tints[0], label=label)
    # of tokens that have not gathered yet there are hundreds
    highest = max(12, 2 * stairs[stairs[:, 1] >= SETTLED, 2].max(initial=0))
    ax.set_xscale("symlog", linthresh=1)
    ax.set(xlabel="step", ylabel="number of clusters", ylim=(0, highest), xlim=(0, end))
    ax.legend(loc="upper right")
