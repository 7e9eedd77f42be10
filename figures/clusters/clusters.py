"""The growth of a density mode in a step: fastest at k = ε^(−1/2), where the backward heat
equation is far off."""

from __future__ import annotations

import matplotlib.pyplot as plt

from figures import style


def draw(judged):
    """Growth factor against eps k^2: a fine grid, i.i.d. tokens, predicted curve and rival."""
    a, curves = judged.arrays, judged.curves
    figure, ax = plt.subplots(figsize=(style.NARROW, 3.2))
    q, scaled = curves["q"], a["scaled"]
    ax.plot(
        q, curves["growth"], color=style.PREDICTED,
        label=r"predicted $1 + 2\varepsilon k^2 e^{-\varepsilon k^2}$",
    )  # fmt: skip
    ax.plot(
        q, curves["backward_heat"], "--", color=style.CONTROL,
        label=r"rival $1 + 2\varepsilon k^2$, from $-2\Delta p$",
    )  # fmt: skip
    value, low, high = a["sampled_growth"].T
    ax.errorbar(
        scaled, 1 + value, [value - low, high - value], fmt="s", ms=4, mfc="none", lw=0.9,
        color=style.MEASURED[0], label="measured, i.i.d. tokens, 99.9 %",
    )  # fmt: skip
    ax.plot(
        scaled, 1 + a["grid_growth"], "o", ms=2.5, color=style.MEASURED[0], zorder=4,
        label="measured, a fine grid",
    )  # fmt: skip
    ax.set(
        xlabel=r"square of the wave number, $\varepsilon k^2$",
        ylabel="growth factor of mode $k$ a step",
    )
    ax.set(
        ylim=(0.95, 2.75), xlim=(0, 4.2), title="Modes grow fastest at $k = \\varepsilon^{-1/2}$"
    )
    ax.legend(fontsize=7, loc="upper right")
    return figure
