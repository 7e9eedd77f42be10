"""The consensus value tends to the p^2-weighted mean with order 1 in tau."""

from __future__ import annotations

import matplotlib.pyplot as plt

from figures import style

CLAIM = "markov"


def draw(result):
    """Bias of the consensus value on quadrature nodes against the clock, with the p-weighted limit as control."""
    a = result.arrays
    figure, ax = plt.subplots(figsize=(4.6, 3.1))
    style.order_axes(ax, a["temperatures"], a["errors"], 1.0, colour=style.MEASURED[0],
                     name=r"measured, against $\int H p^2/\int p^2$", control=a["controls"])  # fmt: skip
    ax.plot([], [], color=style.MEASURED[0], label="predicted slope 1")
    ax.plot([], [], "s--", ms=3, color=style.CONTROL, label=r"control, against $\int H p$")
    ax.set(xlabel=r"clock $\tau = \varepsilon$", ylabel="bias of the consensus value", title="Consensus tends to the $p^2$-weighted mean")
    ax.legend(loc=(0.02, 0.52))
    return figure
