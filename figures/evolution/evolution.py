"""The error of iterated attention falls with the number of tokens at least as fast as predicted."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style

CLAIM = "evolution"


def draw(result):
    """Largest error over the tokens against N, a panel a manifold, with the predicted slope and three wrong equations."""
    names = manifold_names(result)
    figure, panels = plt.subplots(1, len(names), figsize=(2.6 * len(names) + 0.6, 3.1), squeeze=False)
    for ax, colour, name in zip(panels[0], style.MEASURED, names, strict=False):
        a = {key: result.arrays[f"{name}_{key}"] for key in ("sizes", "errors", "controls")}
        mean, half = level_means(a["errors"])
        for values, marker in zip(a["controls"], "sv^", strict=True):
            ax.plot(a["sizes"], np.nanmean(values, axis=0), marker + "--", ms=3, lw=0.7, color=style.CONTROL)
        ax.errorbar(a["sizes"], mean, half, fmt="o", ms=4, color=colour, zorder=3)
        order = result.check(f"{name}: order of the error in N")
        ax.plot(a["sizes"], mean[0] * (a["sizes"] / a["sizes"][0]) ** -order.predicted, color=style.PREDICTED, lw=1)
        style.log_axis(ax.xaxis)
        style.log_axis(ax.yaxis)
        ax.set(xlabel="tokens $N$", title=f"{style.label(name)}\norder {order.measured:.2f}, predicted $\\geq$ {order.predicted:.2f}")
    panels[0][0].set_ylabel(r"$\max_i |A^k H - e^{TL} H|(x_i)$")
    handles = [plt.Line2D([], [], marker="o", ls="", ms=4, color=style.MEASURED[0]), plt.Line2D([], [], color=style.PREDICTED, lw=1)]
    handles += [plt.Line2D([], [], marker=m, ls="--", ms=3, lw=0.7, color=style.CONTROL) for m in "sv^"]
    labels = ["measured", r"predicted slope $-2/(d+6)$", "control: drift 2.2", "control: no drift", "control: clock 10 % late"]
    figure.legend(handles, labels, loc="outside lower center", ncols=5, fontsize=7)
    return figure


def level_means(errors):
    """Mean and half-width of the interval of each level, from errors (seeds, levels) with NaN where a seed was not run."""
    columns = [e[~np.isnan(e)] for e in errors.T]
    return np.array([c.mean() for c in columns]), np.array([float(style.half_width(c)) for c in columns])


def manifold_names(result) -> list[str]:
    """The manifolds of a result, by the names its arrays use."""
    return [key.removesuffix("_errors") for key in result.arrays if key.endswith("_errors")]
