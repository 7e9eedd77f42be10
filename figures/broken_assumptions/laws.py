"""Every broken hypothesis fails by its own law: norms at a wall, a gap, a lattice too wide, a score that is no metric."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style

CLAIM = "broken_assumptions"


def draw(result):
    """Four panels, each with the predicted law as a line and in grey what the theorem would say if it still held."""
    a, eps = result.arrays, result.parameters["temperature"]
    figure, panels = plt.subplots(2, 2, figsize=(7.2, 5.6))
    norms(panels[0, 0], a)
    escape(panels[0, 1], a, eps)
    lattice(panels[1, 0], a)
    transport(panels[1, 1], a)
    handles = [plt.Line2D([], [], marker="o", ls="", ms=4, color="k", mfc="none"), plt.Line2D([], [], color=style.PREDICTED)]
    handles += [plt.Line2D([], [], ls="--", color=style.CONTROL)]
    figure.legend(handles, ["measured", "predicted law of the failure", "control: the theorem, as if it held"], loc="outside lower center", ncols=3)
    return figure


def norms(ax, a):
    """Sup, L2 and L1 errors where dH/dn = 0: slopes 0, 1/4 and 1/2 in place of 1."""
    temperatures = a["sqrt_eps"] ** 2
    rows = (("sup", 0.0, r"$L^\infty$"), ("square", 0.25, "$L^2$"), ("absolute", 0.5, "$L^1$"))
    for colour, (key, slope, name) in zip(style.MEASURED, rows, strict=False):
        style.order_axes(ax, temperatures, a[key], slope, colour=colour, name=f"{name}, slope {slope:g}")
    top = a["absolute"].mean(axis=0)[0]
    ax.plot(temperatures[:3], top * (temperatures[:3] / temperatures[0]), "--", color=style.CONTROL)
    ax.set(xlabel=r"temperature $\varepsilon$", ylabel=r"$\|(A - I)H/\tau - LH\|$, relative", title="wall, $\\partial_n H = 0$", ylim=(1e-4, None))
    ax.legend(fontsize=7, loc="lower right")


def escape(ax, a, eps):
    """1 - mu_2 of two clusters against the gap between them, F/(pi_1 pi_2)."""
    depth = a["gaps"] / np.sqrt(2 * eps)
    ax.plot(depth, a["escape_expected"], color=style.PREDICTED)
    ax.plot(depth, a["escape"], "o", ms=4, color=style.MEASURED[0])
    ax.plot(depth, a["connected"], "--", color=style.CONTROL)
    style.log_axis(ax.yaxis)
    ax.set(xlabel=r"gap$/\sqrt{2\varepsilon}$", ylabel=r"$1 - \mu_2$", title=r"two clusters: $F/(\pi_1 \pi_2)$, right for wide gaps")


def lattice(ax, a):
    """Clock over tau of tokens at equal distances, from crowded to lonely."""
    spacing = np.sqrt(a["lattice_ratios"])
    ax.plot(spacing, a["lattice_expected"], color=style.PREDICTED)
    ax.plot(spacing, a["lattice"], "o", ms=4, color=style.MEASURED[0])
    ax.axhline(1.0, color=style.CONTROL, ls="--")
    style.log_axis(ax.yaxis)
    ax.set(xlabel=r"spacing$/\sqrt{\varepsilon}$", ylabel=r"clock$/\tau$", title="too few tokens: the clock stops")


def transport(ax, a):
    """Where the dot product sends each query of an ellipse: tan t -> (b/a)^2 tan t."""
    order = np.argsort(a["queries"])
    t = a["queries"][order] / np.pi
    ax.plot(t, t, "--", color=style.CONTROL)
    ax.plot(t, np.unwrap(a["leaders"][order]) / np.pi, color=style.PREDICTED)
    ax.plot(t[::5], np.unwrap(a["angles"][-1][order])[::5] / np.pi, "o", ms=4, color=style.MEASURED[0])
    ax.set(xlabel=r"query $t/\pi$", ylabel=r"$A$ sends it to $t^*/\pi$", title="dot product on an ellipse: transport")
