"""The eigenvalues of attention stand on the predicted plateaus, each as wide as its multiplicity."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style

CLAIM = "spectrum"


def draw(result):
    """-log(mu_j)/tau of samples against the index j, on the sphere and on the circle, with the predicted plateaus."""
    a = result.arrays
    figure, panels = plt.subplots(1, 2, figsize=(6.8, 3.2), width_ratios=(1.5, 1))
    plateaus(panels[0], a["sphere_expected"], r"sphere $S^2$: $l(l+1)$, $2l + 1$ times")
    marks(panels[0], a["sphere_full"], -0.12, style.MEASURED[0], "measured, i.i.d. tokens")
    marks(panels[0], a["stratified_all"], 0.12, style.MEASURED[1], "measured, stratified tokens")
    plateaus(panels[1], a["circle_expected"], r"circle $S^1$: $k^2$, twice")
    marks(panels[1], a["circle_full"], 0.0, style.MEASURED[0], "measured, i.i.d. tokens")
    for ax, name in zip(panels, ("sphere", "circle"), strict=True):
        means(ax, a[f"{name}_samples"], a[f"{name}_expected"])
    panels[0].set_ylabel(r"$-\log(\mu_j)/\tau$")
    panels[0].legend(loc="upper left", fontsize=6.5)
    return figure


def plateaus(ax, expected, title):
    """A line for each multiplet at its predicted height, and a grey one 10 % above."""
    for k, value in enumerate(np.unique(np.round(expected, 9))):
        at = np.flatnonzero(np.isclose(expected, value)) + 1
        span = [at[0] - 0.4, at[-1] + 0.4]
        ax.plot(span, [value, value], color=style.PREDICTED, label=None if k else r"predicted at this $\varepsilon$")
        ax.plot(span, [1.1 * value] * 2, "--", color=style.CONTROL, lw=1, label=None if k else "control: 10 % off")
    ax.set(xlabel="index $j$", title=title, xticks=range(1, len(expected) + 1, 2 if len(expected) > 8 else 1), ylim=(0, None))


def means(ax, values, expected):
    """Mean of each multiplet, extrapolated to N = infinity, with its interval, in the middle of its plateau."""
    for k, value in enumerate(np.unique(np.round(expected, 9))):
        at = np.flatnonzero(np.isclose(expected, value))
        mean = values[:, at].mean(axis=1)
        ax.errorbar(at.mean() + 1, mean.mean(), style.half_width(mean), fmt="D", ms=6, mfc="none", color=style.MEASURED[2], zorder=4,
                    label=None if k else r"measured, mean of a multiplet, $N \to \infty$")  # fmt: skip


def marks(ax, values, offset, colour, name):
    """Mean over the samples of each eigenvalue in its order, with intervals."""
    index = np.arange(1, values.shape[1] + 1) + offset
    ax.errorbar(index, values.mean(axis=0), style.half_width(values), fmt="o", ms=3, color=colour, label=name, zorder=3)
