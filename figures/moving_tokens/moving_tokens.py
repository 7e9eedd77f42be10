"""One step moves a token by the mean curvature vector along the normal and by 2 grad log p along the manifold."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style

CLAIM = "moving_tokens"


def draw(result):
    """Two panels, normal and tangential: components of the velocity of a few tokens, measured against predicted."""
    a = result.arrays
    figure, panels = plt.subplots(1, 2, figsize=(6.8, 3.3))
    for ax, part, symbol in zip(panels, ("normal", "tangential"), (r"|\vec H|", r"2\,\nabla_e \log p"), strict=True):
        for colour, name in zip(style.MEASURED, a["manifolds"], strict=False):
            predicted, levels = a[f"{name}_{part}_predicted"], a[f"{name}_{part}"]
            ax.plot(predicted, levels[0], "o", ms=3, mfc="none", mew=0.6, color=colour)
            ax.plot(predicted, 2 * levels[-1] - levels[-2], "o", ms=3, color=colour, label=rf"{style.label(name)}, $\varepsilon \to 0$")
        ax.plot([], [], "o", ms=3, mfc="none", mew=0.6, color=style.PREDICTED, label=rf"at $\varepsilon$ = {a['temperatures'][0]:g}")
        ends = np.array(ax.get_xlim())
        ax.plot(ends, ends, color=style.PREDICTED, lw=1, zorder=1, label="predicted")
        ax.plot(ends, (0.0 if part == "normal" else 0.5) * ends, "--", color=style.CONTROL, lw=1, zorder=1,
                label="control: no normal motion" if part == "normal" else r"control: $\nabla_e \log p$")  # fmt: skip
        ax.set(xlabel=f"predicted ${symbol}$", ylabel=r"measured $\langle (A X - X)/\tau,\ e\rangle$",
               title=f"$e$ {'normal' if part == 'normal' else 'tangent'} to the manifold")  # fmt: skip
        ax.legend(fontsize=7, loc="upper left")
        low, high = ax.get_ylim()
        ax.set_ylim(low, high + 0.25 * (high - low))
    return figure
