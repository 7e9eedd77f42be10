"""Drift and diffusion of attention with scores |W(x - y)|, point by point along a curve."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from figures.learned_metric_order import manifold_names
from theory.setting.checks import InputError

CLAIM = "learned_metric"
DRIFT = ((0, "$x$"), (1, "$y$"))
DIFFUSION = (((0, 0), "$xx$"), ((0, 1), "$xy$"), ((1, 1), "$yy$"))


def draw(result):
    """Components of L x and of J g^-1 J^T against the angle; grey: p in place of p_theta, g in place of g_theta."""
    a, names = result.arrays, [n for n in manifold_names(result) if f"{n}_line" in result.arrays]
    if not names:
        raise InputError("manifolds: got no curve, expected one for the figure along it")
    name = names[0]
    t, line = a[f"{name}_u"][:, 0], a[f"{name}_line"]
    figure, panels = plt.subplots(1, 2, figsize=(7.2, 3.4))
    for ax, what, components in zip(panels, ("drift", "diffusion"), (DRIFT, DIFFUSION), strict=True):
        for colour, (index, label) in zip(style.MEASURED, components, strict=False):
            at = (slice(None), *np.atleast_1d(index))
            ax.plot(line, a[f"{name}_line_{what}_wrong"][at], color=style.CONTROL, lw=1, ls="--", zorder=1)
            ax.plot(line, a[f"{name}_line_{what}"][at], color=colour, lw=1)
            ax.errorbar(t, a[f"{name}_{what}"][at], a[f"{name}_{what}_half"][at], fmt="o", ms=3.5, color=colour, label=f"measured, {label}", zorder=3)
        ax.plot([], [], color="k", lw=1, label="predicted")
        ax.set_xlabel("angle $t$")
        ax.set_xticks(np.pi * np.arange(0, 2.1, 0.5), ["0", r"$\pi/2$", r"$\pi$", r"$3\pi/2$", r"$2\pi$"])
    panels[0].plot([], [], color=style.CONTROL, ls="--", label=r"control: $p$ for $p_\theta$")
    panels[1].plot([], [], color=style.CONTROL, ls="--", label=r"control: $g$ for $g_\theta$")
    panels[0].set(ylabel=r"drift, $(A - I)\,x/\tau$", title=r"$L\,x = \Delta_{g_\theta} x + 2\,\langle\nabla\log p_\theta, \nabla x\rangle_{g_\theta}$")
    panels[1].set(ylabel=r"diffusion, $[A(xx^T) - (Ax)(Ax)^T]/(2\tau)$", title=r"$J\,g_\theta^{-1} J^T$")
    for ax in panels:
        ax.margins(y=0.05)
        low, high = ax.get_ylim()
        ax.set_ylim(low, high + 0.28 * (high - low))
        ax.legend(ncols=2, fontsize=7, loc="upper center")
    return figure
