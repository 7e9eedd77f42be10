"""Drift coefficient and clock read off the evolved features, with their intervals."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from figures.evolution import manifold_names

CLAIM = "evolution"


def draw(result):
    """Two panels: drift coefficient and clock ratio of A^k H on i.i.d. tokens, a point a manifold."""
    names = manifold_names(result)
    figure, panels = plt.subplots(1, 2, figsize=(6.4, 0.6 * len(names) + 1.7), sharey=True)
    y = np.arange(len(names))
    for ax, what in zip(panels, ("drift coefficient", "clock ratio"), strict=True):
        checks = [result.check(f"{name}: {what} of A^k H, i.i.d. tokens") for name in names]
        value = np.array([[c.measured, c.ci_low, c.ci_high] for c in checks])
        ax.errorbar(value[:, 0], y, xerr=np.abs(value[:, 1:] - value[:, :1]).T, fmt="o", ms=4, color=style.MEASURED[0], label="measured")
        ax.axvline(checks[0].predicted, color=style.PREDICTED, label="predicted")
        ax.axvline(1.1 * checks[0].predicted, color=style.CONTROL, ls="--", label="control: 10 % off")
        ax.set(xlabel=f"{what} of $A^k H$", yticks=y, yticklabels=[style.label(n) for n in names], ylim=(-0.6, len(names) - 0.4))
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure
