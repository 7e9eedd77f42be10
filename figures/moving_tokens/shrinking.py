"""Uniform tokens on a sphere shrink by mean curvature, to a point at t = 1/(2 d)."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import moving_tokens as claim


def draw(judged):
    """R^2 after each step against t = k eps: measured, exact at this temperature, and the limit."""
    figure, ax = plt.subplots(figsize=(style.NARROW, 3.2))
    for name, dim in zip(claim.SPHERES, (1, 2), strict=True):
        measured, exact, flow = (
            judged.arrays[f"{name}_squares"],
            judged.curves[f"{name}_squares"],
            judged.curves[f"{name}_flow"],
        )
        eps, colour = claim.vanishing_temperature(dim), style.colour(name)
        ax.plot(eps * np.arange(len(flow)), flow, ":", color=style.PREDICTED)
        ax.plot(eps * np.arange(len(exact)), exact, color=style.PREDICTED, lw=1)
        ax.plot(
            eps * np.arange(len(measured)), measured, "o", ms=4, color=colour,
            label=rf"measured, {style.label(name)}, $\varepsilon$ = {eps:g}",
        )  # fmt: skip
    ax.plot([], [], color=style.PREDICTED, lw=1, label=r"predicted at that $\varepsilon$")
    ax.plot([], [], ":", color=style.PREDICTED, label=r"its limit $1 - 2 d\,t$")
    ax.set(xlabel=r"time $t = k\,\varepsilon$ after $k$ steps", ylabel="$R^2$", xlim=(0, None))
    ax.set(ylim=(0, 1.02), title="Uniform spheres shrink")
    ax.legend(fontsize=7)
    return figure
