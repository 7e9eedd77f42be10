"""The bias of (A - I)/tau against L falls with order 1; with a wrong drift it stalls."""

from __future__ import annotations

import matplotlib.pyplot as plt

from figures import style

CLAIM = "generator"


def draw(result):
    """L2 error on quadrature nodes against the clock, one colour a manifold."""
    a = result.arrays
    figure, ax = plt.subplots(figsize=(4.6, 3.4))
    for colour, name in zip(style.MEASURED, manifold_names(result), strict=False):
        style.order_axes(ax, a["temperatures"], a[f"{name}_errors"], 1.0, colour=colour,
                         name=f"measured, {style.label(name)}", control=a[f"{name}_controls"])  # fmt: skip
    ax.plot([], [], color=style.PREDICTED, label="predicted slope 1")
    ax.plot([], [], "s--", ms=3, color=style.CONTROL, label="control: drift coefficient 2.2")
    ax.set(xlabel=r"clock $\tau = \varepsilon$", ylabel=r"$\|(A - I)H/\tau - L H\|_{L^2(p)}$", title="Attention's generator has bias of order 1")
    ax.legend()
    return figure


def manifold_names(result) -> list[str]:
    """The manifolds of a result, by the names its arrays use."""
    return [key.removesuffix("_errors") for key in result.arrays if key.endswith("_errors")]
