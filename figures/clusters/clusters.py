"""The growth factor of a density mode: fastest at k = eps^(-1/2), where the backward heat equation is far off."""

from __future__ import annotations

import matplotlib.pyplot as plt

from figures import style

CLAIM = "clusters"


def draw(result):
    """Growth factor a step against eps k^2: a fine grid, i.i.d. tokens, the predicted curve and the limit in grey."""
    a = result.arrays
    figure, ax = plt.subplots(figsize=(4.8, 3.3))
    ax.plot(a["growth_q"], a["growth_predicted"], color=style.PREDICTED, label=r"predicted $1 + 2\varepsilon k^2 e^{-\varepsilon k^2}$")
    ax.plot(a["growth_q"], a["growth_control"], "--", color=style.CONTROL, label=r"control $1 + 2\varepsilon k^2$ (from $-2\Delta p$)")
    ax.errorbar(a["growth_scaled"], a["growth_sampled"].mean(axis=0), style.half_width(a["growth_sampled"]), fmt="s", ms=5, mfc="none", lw=0.9,
                color=style.MEASURED[1], label="measured, i.i.d. tokens")  # fmt: skip
    ax.plot(a["growth_scaled"], a["growth_grid"], "o", ms=2.8, color=style.MEASURED[0], zorder=4, label="measured, a fine grid")
    ax.set(xlabel=r"$\varepsilon k^2$", ylabel="growth factor of the mode $k$ a step", ylim=(0.95, 2.55), xlim=(0, 4.2),
           title=r"Density modes grow fastest at $k = \varepsilon^{-1/2}$")  # fmt: skip
    ax.legend(loc="upper right")
    return figure
