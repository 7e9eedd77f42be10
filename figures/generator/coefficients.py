"""Clock and drift of i.i.d. tokens, with their intervals, against the prediction and the 10 % controls."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from figures.generator import manifold_names

CLAIM = "generator"


def draw(result):
    """Two panels: the clock ratio and the drift coefficient, measured over expected, one point a manifold."""
    names = manifold_names(result)
    figure, panels = plt.subplots(1, 2, figsize=(6.4, 0.6 * len(names) + 1.5), sharey=True)
    y = np.arange(len(names))
    for ax, what in zip(panels, ("clock ratio", "drift coefficient"), strict=True):
        checks = [result.check(f"{name}: {what} of i.i.d. tokens at eps") for name in names]
        value = np.array([[c.measured, c.ci_low, c.ci_high] for c in checks]) / np.array([[c.predicted] for c in checks])
        ax.errorbar(value[:, 0], y, xerr=np.abs(value[:, 1:] - value[:, :1]).T, fmt="o", ms=4, color=style.MEASURED[0], label="measured")
        ax.axvline(1.0, color=style.PREDICTED, label="predicted")
        ax.axvline(1.1, color=style.CONTROL, ls="--", label="control: 10 % off")
        ax.set(xlabel=f"{what}, measured / expected", yticks=y, yticklabels=[style.label(n) for n in names], ylim=(-0.6, len(names) - 0.4))
    panels[1].legend(loc="upper center", bbox_to_anchor=(0.62, 1.0), fontsize=7)
    return figure
