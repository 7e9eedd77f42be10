"""The bias against L with p_theta falls with order 1; with p in place of p_theta it stalls."""

from __future__ import annotations

import matplotlib.pyplot as plt

from figures import style

CLAIM = "learned_metric"


def draw(result):
    """L2 error on quadrature nodes against the clock, one colour a manifold."""
    a, names = result.arrays, manifold_names(result)
    figure, ax = plt.subplots(figsize=(4.6, 3.5))
    for colour, name in zip(style.MEASURED, names, strict=False):
        style.order_axes(ax, a[f"{name}_temperatures"], a[f"{name}_errors"], 1.0, colour=colour,
                         name=f"measured, {style.label(name)}", control=a[f"{name}_controls"])  # fmt: skip
    ax.plot([], [], color=style.PREDICTED, label="predicted slope 1")
    ax.plot([], [], "s--", ms=3, color=style.CONTROL, label=r"control: $p$ for $p_\theta$")
    ax.set(xlabel=r"clock $\tau = \varepsilon$", ylabel=r"$\|(A - I)H/\tau - L_\theta H\|_{L^2(p)}$", title=r"The drift follows $p_\theta = p\,\sqrt{\det g/\det g_\theta}$, not $p$")
    ax.legend(fontsize=7)
    return figure


def manifold_names(result) -> list[str]:
    """The manifolds of a result, by the names its arrays use."""
    return [key.removesuffix("_errors") for key in result.arrays if key.endswith("_errors")]
