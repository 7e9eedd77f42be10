"""The clock of attention to the k nearest tokens follows its Gamma functions down to k = 2."""

from __future__ import annotations

import matplotlib.pyplot as plt

from figures import style

CLAIM = "normalisations"


def draw(result):
    """Measured clock over the law of large k, against k, for d = 1, 2, 3."""
    a = result.arrays
    figure, ax = plt.subplots(figsize=(4.6, 3.3))
    k = a["nearest: k"]
    for d, colour in zip((1, 2, 3), style.MEASURED, strict=False):
        ratio = a[f"nearest: large-k ratio {d}"]
        ax.plot(k, a[f"nearest: predicted {d}"], color=colour, lw=1)
        ax.errorbar(k, ratio.mean(axis=0), style.half_width(ratio), fmt="o", ms=4, color=colour, label=f"measured, $d = {d}$")
    ax.plot([], [], color="k", lw=1, label=r"predicted, $\Gamma(k+2/d)/(k\,\Gamma(k-1)\,k^{2/d})$")
    ax.axhline(1.0, color=style.CONTROL, ls="--", label=r"control: $r_k^2/(2(d+2))$")
    ax.set_xscale("log")
    ax.set_xticks(k, [str(v) for v in k])
    ax.minorticks_off()
    ax.set(xlabel="number of keys $k$, the token itself counted", ylabel=r"clock over $r_k^2/(2(d+2))$", ylim=(0.2, 1.1))
    ax.legend(loc="lower right")
    return figure
