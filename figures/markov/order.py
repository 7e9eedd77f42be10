"""The consensus value tends to the mean of H weighted by the squared density, with order 1."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import markov as claim


def draw(judged):
    """Distance of the consensus on quadrature nodes from its limit, and from a rival's."""
    steps = judged.quantities[claim.BIAS].steps
    figure, ax = plt.subplots(figsize=(3.4, 3.0))
    row, curves = judged.row(claim.BIAS), judged.curves
    errors = distance(judged, curves["limit"])
    rival = distance(judged, curves["rival"])
    style.order_axes(ax, steps, errors, row.predicted, colour=style.MEASURED[0],
                     name="measured, $N = \\infty$", control=rival)  # fmt: skip
    ax.plot([], [], color=style.MEASURED[0], label="slope 1 only")
    style.name_control(
        ax, r"rival limit $\int\, H\, p\, dV$", steps[-1], rival[-1] / 1.08, va="top"
    )
    title = f"order {row.measured:.4f} [{row.ci_low:.4f}, {row.ci_high:.4f}]"
    ax.set(xlabel=r"clock $\tau = \varepsilon$", ylabel="consensus less its limit", title=title)
    ax.legend(fontsize=7)
    return figure


def distance(judged, limit):
    """Root of the summed squares over features, at each level."""
    values = judged.quantities[claim.BIAS].values[:, 0, 0]
    return np.sqrt(((values - limit) ** 2).sum(axis=1))
