"""A finite sample slows the clock of attention where a token attends to itself, and quickens it where
it does not, by what depends on the average over the tokens."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import sampling_noise as claim

AVERAGES = ("plain average", "plain, no token sees itself", "weighted by the stationary law")


def draw(judged):
    """Three panels, d = 1, 2, 3: clock of samples over that of nodes against s, as predicted."""
    figure, panels = plt.subplots(1, 3, figsize=(style.WIDE, 3.1), sharey=True)
    curves, s = judged.curves, np.array(claim.CLOCK_SIZES)
    tints = style.kinds(len(AVERAGES))
    for d, ax in zip(claim.DIMENSIONS, panels, strict=True):
        for k, (colour, name) in enumerate(zip(tints, AVERAGES, strict=True)):
            on_nodes = judged.arrays[f"clock_nodes_{d}"][:, 0]
            value, low, high = judged.arrays[f"clock_intervals_{d}"][:, k].T / on_nodes
            ax.plot(curves["clock_s"], curves[f"clock_{d}"][k], color=colour)
            ax.plot(curves["clock_s"], curves[f"clock_first_{d}"][k], ":", color=colour)
            ax.errorbar(
                s, value, [value - low, high - value], fmt="osD"[k], ms=2.5, color=colour,
                label=name,
            )  # fmt: skip
        ax.axhline(1.0, color=style.CONTROL, ls="--")
        style.name_control(ax, "rival: nothing is slowed", 0.275, 1.0, ha="right", va="top")
        ax.set(
            xlabel=r"$s = 1/(N p\,(4\pi\varepsilon)^{d/2})$",
            title=f"$d$ = {d}",
            xlim=(0, 0.28),
            xticks=[0, 0.1, 0.2],
        )
    size = f"$N$ = {judged.parameters.n_clock_tokens}"
    panels[0].plot([], [], color=style.PREDICTED, label=f"predicted, exactly at {size}")
    panels[0].plot([], [], ":", color=style.PREDICTED, label="to first order in $s$, flat")
    panels[0].set_ylabel("clock of samples\nover that of nodes")
    figure.legend(
        *panels[0].get_legend_handles_labels(), loc="outside lower center", ncol=3, fontsize=7
    )
    return figure


def facts(judged):
    """The samples of the clock have a size of their own."""
    return (f"here N = {judged.parameters.n_clock_tokens:,}",)
