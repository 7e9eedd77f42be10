"""From random data clusters form in a few steps; then they rest, and merge pair by pair."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style

CLAIM = "clusters"
N_LINES, N_RUNS = 150, 5


def draw(result):
    """Two panels over the steps: paths of the tokens of the first run, and the number of clusters of several runs."""
    a = result.arrays
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(5.6, 5.4), sharex=True, height_ratios=(1.5, 1))
    # the step 0 at the left end of a logarithmic axis
    steps, tokens, period = a["random_steps"] + 1, a["random_tokens"], float(a["random_period"])
    order = np.argsort(tokens[0])
    for k, token in enumerate(order[:: max(1, len(order) // N_LINES)]):
        path = tokens[:, token].copy()
        # a token that passes the seam of the circle leaves on one side and comes in on the other
        path[1:][np.abs(np.diff(path)) > period / 2] = np.nan
        top.plot(steps, path, lw=0.5, color=style.MEASURED[k % 2 * 5], alpha=0.8)
    top.set(ylabel="place on the flat circle", ylim=(0, period), title="Clusters form in a few steps and rest for thousands")
    stairs, starts = a["random_stairs"], a["random_starts"]
    end = int(a["random_n_steps"])
    for colour, s in zip(style.MEASURED, range(N_RUNS), strict=False):
        own = stairs[stairs[:, 0] == s]
        x, y = np.append(own[:, 1], end) + 1, np.append(own[:, 2], own[-1, 2])
        bottom.step(x, y, where="post", color=colour, lw=1.1)
        ends = starts[(starts[:, 0] == s) & (starts[:, 2] >= 1)]
        count = [own[own[:, 1] <= start, 2][-1] for start in ends[:, 1]]
        bottom.plot(ends[:, 1] + ends[:, 2] + 1, count, "|", ms=9, mew=1.2, color=style.PREDICTED)
    bottom.plot([], [], color=style.MEASURED[0], label=f"measured, {N_RUNS} runs")
    bottom.plot([], [], "|", ms=9, color=style.PREDICTED, label="predicted end of a plateau, its closest pair alone")
    bottom.set(xscale="log", xlabel="step + 1", ylabel="number of clusters", yticks=range(4, 21, 4), ylim=(3, 20), xlim=(1, end))
    bottom.legend(loc="upper right")
    return figure
