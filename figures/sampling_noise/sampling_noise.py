"""The variance of A H(x) over samples, against the temperature, in three dimensions."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style

CLAIM = "sampling_noise"

EPS = [0, 1, 2]  # the cells in which the temperature varies, at the largest N


def draw(result):
    """Left: N times the variance against eps, with its law; right: the variance over its N = infinity value, all cells."""
    a = result.arrays
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.1), width_ratios=(1.25, 1))
    queries = result.parameters["n_queries"]
    for d, colour in zip((1, 2, 3), style.MEASURED, strict=False):
        measured, expected, law = (a[f"noise_{key}_{d}"] for key in ("measured", "expected", "cell_law"))
        eps, n = a[f"noise_temperatures_{d}"], a["noise_sizes"]
        scale = (n / queries)[:, None] * measured
        left.errorbar(eps[EPS], scale[EPS].mean(axis=1), style.half_width(scale, 1)[EPS], fmt="o", ms=4, color=colour, label=f"measured, $d = {d}$")
        left.plot(eps[EPS], (n * expected / queries)[EPS], color=colour)
        left.plot(eps[EPS], (n * law / queries)[EPS], ":", color=colour)
        ratio = measured / expected[:, None]
        at = np.arange(len(eps)) + 0.15 * (d - 2)
        right.errorbar(at, ratio.mean(axis=1), style.half_width(ratio, 1), fmt="o", ms=4, color=colour)
    left.plot([], [], color=style.PREDICTED, label=r"predicted at this $\varepsilon$")
    left.plot([], [], ":", color=style.PREDICTED, label=r"law, slope $1 - d/2$")
    left.set(xscale="log", yscale="log", xlabel=r"temperature $\varepsilon$", ylabel=r"$N\,$Var$[A H(x)]$, mean over $x$")
    left.legend(fontsize=7)
    right.axhline(1.0, color=style.PREDICTED, label="predicted")
    right.axhline(1.1, color=style.CONTROL, ls="--", label="control: 10 % off")
    names = [r"$N, \varepsilon$", r"$N, \varepsilon/2$", r"$N, \varepsilon/4$", r"$N/4, \varepsilon/2$"]
    right.set(xticks=range(4), xticklabels=names, xlabel="sample size and temperature", ylabel=r"Var$[A H(x)]$ / predicted", ylim=(0.8, 1.2))
    right.legend(fontsize=7, loc="lower left")
    return figure
