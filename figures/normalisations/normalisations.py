"""The drift coefficient of every normalisation of the same scores, against the table."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style

CLAIM = "normalisations"
MARKS = (("circle", "o", style.MEASURED[2], 0.22), ("sphere", "s", style.MEASURED[1], -0.22))


def draw(result):
    """One row a normalisation: quadrature nodes extrapolated to zero temperature, and sampled tokens with their interval."""
    a, order = result.arrays, np.argsort(result.arrays["predicted"], kind="stable")
    names = a["names"][order].tolist()
    figure, ax = plt.subplots(figsize=(6.0, 0.36 * len(names) + 1.0))
    y = np.arange(len(names))[::-1]
    for row, c in zip(y, a["predicted"][order], strict=True):
        ax.plot([c, c], [row - 0.38, row + 0.38], color=style.PREDICTED, lw=1.5, zorder=1)
        for wrong in (c - 0.2, c + 0.2):
            ax.plot([wrong, wrong], [row - 0.38, row + 0.38], color=style.CONTROL, lw=1, ls=(0, (2, 1.5)))
    for manifold, marker, colour, shift in MARKS:
        limits = a[f"limits {manifold}"][order]
        ax.plot(limits, y + shift, marker, ms=4, color=colour, ls="", label=f"quadrature nodes, {style.label(manifold)}, " + r"$\varepsilon \to 0$")
    checks = [result.check(f"drift c, {name}, sampled tokens, eps -> 0") for name in names]
    value = np.array([[c.measured, c.ci_low, c.ci_high] for c in checks])
    ax.errorbar(value[:, 0], y, xerr=np.abs(value[:, 1:] - value[:, :1]).T, fmt="D", ms=3.5, color=style.MEASURED[0], label=r"sampled tokens, $\varepsilon \to 0$")
    ax.plot([], [], color=style.PREDICTED, lw=1.5, label="predicted")
    ax.plot([], [], color=style.CONTROL, lw=1, ls=(0, (2, 1.5)), label=r"control: $c \pm 0.2$")
    ax.set(yticks=y, ylim=(-0.6, len(names) - 0.4), xlim=(-0.35, 2.45))
    ax.set_yticklabels([_label(n) for n in names])
    ax.set_xlabel(r"drift coefficient $c$ in $L H = \Delta_g H + c\,\langle\nabla\log p, \nabla H\rangle_g$")
    ax.legend(loc="lower left", fontsize=7.5)
    return figure


def _label(name):
    return name.replace("alpha = ", r"$\alpha$-normalised, $\alpha$ = ") + (" (directions)" if name == "cosine" else "")
