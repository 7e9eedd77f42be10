"""Drift and diffusion at single points of every manifold, measured against predicted."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from figures.learned_metric_order import manifold_names

CLAIM = "learned_metric"


def draw(result):
    """All components at all points against their limits; grey: against p in place of p_theta, g in place of g_theta."""
    a, names = result.arrays, manifold_names(result)
    figure, panels = plt.subplots(1, 2, figsize=(7.2, 3.4))
    for ax, what in zip(panels, ("drift", "diffusion"), strict=True):
        for k, name in enumerate(names):
            value, half, limit, wrong = (a[f"{name}_{what}{part}"].ravel() for part in ("", "_half", "_limit", "_wrong"))
            ax.plot(wrong, value, "x", ms=3.5, color=style.CONTROL, zorder=1)
            ax.errorbar(limit, value, half, fmt="o", ms=3, lw=0.7, color=style.MEASURED[k], label=f"measured, {style.label(name)}", zorder=3)

        every = np.concatenate([a[f"{name}_{what}_limit"].ravel() for name in names])
        line = np.array([every.min(), every.max()])
        ax.plot(line, line, color=style.PREDICTED, lw=1, label="predicted")
    panels[0].plot([], [], "x", ms=3.5, color=style.CONTROL, label=r"control: $p$ for $p_\theta$")
    panels[1].plot([], [], "x", ms=3.5, color=style.CONTROL, label=r"control: $g$ for $g_\theta$")
    panels[0].set(xlabel=r"predicted $L\,x$", ylabel=r"measured $(A - I)\,x/\tau$")
    panels[1].set(xlabel=r"predicted $J\,g_\theta^{-1} J^T$", ylabel=r"measured $[A(xx^T) - (Ax)(Ax)^T]/(2\tau)$")
    for ax in panels:
        ax.legend(fontsize=7)
    return figure
