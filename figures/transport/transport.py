"""With all keys attention is a transport map at low temperature and linear attention at high: the orders of what is left."""

from __future__ import annotations

import matplotlib.pyplot as plt

from figures import style

CLAIM = "first_order"


def draw(result):
    """Three panels: beyond the corrected transport map, two minima, and the expansion in 1/T; grey: the controls."""
    a, colours = result.arrays, style.MEASURED
    figure, (one, two, hot) = plt.subplots(1, 3, figsize=(9.6, 3.2))
    general = result.parameters["global_manifold"].split("(")[0]
    style.order_axes(one, a["sphere_temperatures"], a["sphere_errors_right"], 2, colour=colours[0], name="sphere $S^2$, dot product", control=a["sphere_errors_none"])
    style.order_axes(one, a["general_temperatures"], a["general_errors_right"], 2, colour=colours[1], name=f"{general}, general $f$")
    one.plot(a["general_temperatures"], a["general_errors_mixed"].mean(axis=0), "d--", ms=3, lw=0.8, color=style.CONTROL)
    one.plot([], [], color=style.PREDICTED, label="predicted slope 2")
    one.plot([], [], "s--", ms=3, lw=0.8, color=style.CONTROL, label="control: no correction")
    one.plot([], [], "d--", ms=3, lw=0.8, color=style.CONTROL, label="control: $p$ for $p\\sqrt{g}$")
    one.set(xlabel=r"temperature $\varepsilon$", ylabel=r"$\|A H - H(y^*) - \varepsilon\,C H\|$", title="one minimiser: corrected transport")
    style.order_axes(two, a["two_minima_temperatures"], a["two_minima_errors"], 1, colour=colours[2], name="circle, $p\\,\\det(F)^{-1/2}$", control=a["two_minima_controls"])
    two.plot([], [], color=style.PREDICTED, label="predicted slope 1")
    two.plot([], [], "s--", ms=3, lw=0.8, color=style.CONTROL, label="control: weights $p$")
    two.set(xlabel=r"temperature $\varepsilon$", ylabel=r"$\|A H - w_1 H(y_1) - w_2 H(y_2)\|$", title="two minimisers: their weights")
    steps = 1 / a["high_temperatures"]
    style.order_axes(hot, steps, a["high_order_1"], 2, colour=colours[0], name="linear attention", control=a["high_order_0"])
    style.order_axes(hot, steps, a["high_order_2"], 3, colour=colours[1], name="second term added", control=a["high_doubled"])
    hot.plot([], [], color=style.PREDICTED, label="predicted slopes 2, 3")
    hot.plot([], [], "s--", ms=3, lw=0.8, color=style.CONTROL, label="controls: mean; no $1/2$")
    hot.set(xlabel="inverse temperature $1/T$", ylabel=r"$\|A H - $expansion$\|$", title="high temperature")
    for ax in (one, two, hot):
        low, high = ax.get_ylim()
        ax.set_ylim(low / (high / low) ** 0.45, high)
        ax.legend(fontsize=6.5, loc="lower right")
    return figure
