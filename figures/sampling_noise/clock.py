"""A finite sample slows the clock of attention, by what depends on the average and on the diagonal."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style

CLAIM = "sampling_noise"

AVERAGES = ("weighted by the stationary law", "plain average", "plain average, diagonal left out")


def draw(result):
    """Three panels, d = 1, 2, 3: clock over tau against s, measured and predicted, the first-order law dotted."""
    a = result.arrays
    figure, panels = plt.subplots(1, 3, figsize=(8.0, 3.0), sharey=True)
    for d, ax in zip((1, 2, 3), panels, strict=True):
        s, curve = np.array([a[f"slow_s_{d}_{k}"] for k in range(len(a["slow_levels"]))]), a["slow_curve_s"]
        for c, (colour, name) in enumerate(zip(style.MEASURED, AVERAGES, strict=False)):
            clocks = [a[f"slow_{d}_{k}"][:, c] for k in range(len(s))]
            ax.plot(curve, a[f"slow_curve_{d}"][c], color=colour)
            ax.plot(curve, a[f"slow_first_{d}"][c], ":", lw=0.9, color=colour)
            ax.errorbar(s, [v.mean() for v in clocks], [style.half_width(v) for v in clocks], fmt="o", ms=3.5, color=colour, label=f"measured, {name}")
        ax.axhline(1.0, color=style.CONTROL, ls="--", label="control: no slowing")
        ax.set(xlabel=r"$s = 1/(N p\,(4\pi\varepsilon)^{d/2})$", title=f"$d = {d}$", xlim=(0, 0.27), xticks=[0, 0.1, 0.2])
    panels[0].plot([], [], color=style.PREDICTED, label="predicted, exact in $s$")
    panels[0].plot([], [], ":", color=style.PREDICTED, label="to first order in $s$")
    panels[0].set_ylabel(r"clock / $\tau$")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncol=3, fontsize=7)
    return figure
