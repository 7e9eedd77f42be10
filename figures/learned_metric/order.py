"""The generator tends to that with p_θ with order 1; with p in place of p_θ it stalls."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import learned_metric as claim


def draw(judged):
    """Distance of (A - I)H/eps at N = infinity from L H, one colour a manifold."""
    figure, ax = plt.subplots(figsize=(style.NARROW, 3.9))
    for name in claim.short_names(judged.parameters.manifolds):
        field, row = judged.quantities[claim.generator(name)], judged.row(claim.generator(name))
        right, wrong = (judged.curves[f"{name}_limit{end}"] for end in ("", "_rival"))
        label = f"{style.label(name)}: {row.measured:.3f} [{row.ci_low:.3f}, {row.ci_high:.3f}]"
        style.order_axes(ax, field.steps, distance(field, right), row.predicted, name=label,
                         colour=style.colour(name), control=distance(field, wrong))  # fmt: skip
    text = r"rivals: $p$, not $p_\theta$"
    style.name_control(ax, text, 0.98, 0.98, xycoords="axes fraction", va="top", ha="right")
    ax.plot([], [], color=style.PREDICTED, label="slope 1 only")
    ax.set(
        xlabel=r"$\varepsilon$",
        ylabel=r"$\|(A - I)H/\varepsilon - L H\|$",
        title="order in $\\varepsilon$",
    )
    figure.legend(loc="outside lower center", fontsize=7)
    return figure


def distance(field, limit) -> np.ndarray:
    """Weighted root mean square over points of the summed squares over features, (levels,)."""
    squares = ((field.values[:, 0] - limit) ** 2).sum(axis=2)
    return np.sqrt(squares @ field.weights)
