"""Every broken hypothesis fails by its own law: norms at a wall, a gap, a lattice too wide, a score
that is no metric."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import broken_assumptions as claim


def draw(judged):
    """Four panels: the predicted law as a line, and dashed what the theorem would say if it
    held."""
    figure, panels = plt.subplots(2, 2, figsize=(style.WIDE, 5.6))
    norms(panels[0, 0], judged)
    escape(panels[0, 1], judged)
    lattice(panels[1, 0], judged)
    transport(panels[1, 1], judged)
    marks = [
        plt.Line2D([], [], marker="o", ls="", ms=4, color=style.MEASURED[0]),
        plt.Line2D([], [], color=style.PREDICTED),
        plt.Line2D([], [], ls="--", color=style.CONTROL),
    ]
    words = ["measured", "predicted law of the failure", "rival: the theorem, as if it held"]
    figure.legend(marks, words, loc="outside lower center", ncols=3)
    return figure


def norms(ax, judged):
    """Sup, L2 and L1 errors where dH/dn = 0, and their laws, constants included."""
    field, curves = judged.quantities[claim.FLAT_NORM], judged.curves
    error = np.abs(field.values[:, 0] - curves["flat_target"])[:, :, -1]
    measured = {
        "sup": error.max(axis=1),
        "l2": np.sqrt(error**2 @ field.weights),
        "l1": error @ field.weights,
    }
    eps = field.steps**2
    names = {"sup": r"$L^\infty$", "l2": "$L^2$", "l1": "$L^1$"}
    tints = style.shades(style.MEASURED[0], len(measured))
    for colour, mark, (key, values) in zip(tints, "os^", measured.items(), strict=True):
        ax.plot(eps, curves[f"flat_{key}"], color=style.PREDICTED, lw=1)
        ax.plot(eps, values, mark, ms=4, color=colour, label=names[key])
    ax.plot(eps, measured["l1"][0] * eps / eps[0], "--", color=style.CONTROL)
    style.log_axis(ax.xaxis)
    style.log_axis(ax.yaxis)
    ax.set(xlabel=r"temperature $\varepsilon$", ylabel=r"$\|(A - I)H/\tau - LH\|$")
    ax.set_title(r"wall, $\partial_n H = 0$, $H = \cos 2\pi x$")
    ax.legend(fontsize=7)


def escape(ax, judged):
    """1 - mu_2 of two clusters against the gap between them, F/(pi_1 pi_2)."""
    a, curves = judged.arrays, judged.curves
    ax.axvspan(0, 2, color=style.CONTROL, alpha=0.15, lw=0)
    ax.text(1.0, 1e-7, "not\nclaimed", fontsize=7, ha="center")
    ax.plot(a["gaps"], curves["escape"], color=style.PREDICTED)
    ax.plot(a["gaps"], a["escape"], "o", ms=4, color=style.MEASURED[0])
    ax.plot(a["gaps"], curves["connected"], "--", color=style.CONTROL)
    style.log_axis(ax.yaxis)
    ax.set(xlabel=r"gap$/\sqrt{2\varepsilon}$", ylabel=r"$1 - \mu_2$")
    ax.set_title(r"two clusters: $F/(\pi_1 \pi_2)$, for wide gaps")


def lattice(ax, judged):
    """Clock over tau of tokens at equal distances, from crowded to lonely."""
    curves = judged.curves
    ax.plot(np.sqrt(curves["lattice_ratios"]), curves["lattice"], color=style.PREDICTED)
    spacing = np.sqrt(claim.LATTICE_RATIOS)
    ax.plot(spacing, judged.arrays["lattice_clocks"], "o", ms=4, color=style.MEASURED[0])
    ax.axhline(1.0, color=style.CONTROL, ls="--")
    style.log_axis(ax.yaxis)
    ax.set(xlabel=r"spacing$/\sqrt{\varepsilon}$", ylabel=r"clock$/\tau$")
    ax.set_title("too few tokens: the clock stops")


def transport(ax, judged):
    """Where the dot product sends each query of an ellipse: tan t -> (b/a)^2 tan t."""
    field = judged.quantities[claim.TRANSPORT]
    t = field.coordinates[:, 0]
    cosine, sine = field.values[-1, 0].T
    end = np.unwrap(np.arctan2(sine, cosine))
    ax.plot(t / np.pi, t / np.pi, "--", color=style.CONTROL)
    ax.plot(t / np.pi, np.unwrap(judged.curves["leaders"]) / np.pi, color=style.PREDICTED)
    ax.plot(t[::2] / np.pi, end[::2] / np.pi, "o", ms=4, color=style.colour("ellipse"))
    ax.set(xlabel=r"query $t/\pi$", ylabel=r"$A$ sends it to $t^*/\pi$")
    ax.set_title("dot product on an ellipse: transport")
