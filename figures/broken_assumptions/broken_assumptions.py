"""At a wall the generator diverges in a layer of known profile; where H is flat there, the layer
stays without diverging."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import broken_assumptions as claim

WALL = 0.35  # drawn, in kernel widths
FINEST = style.shades(style.MEASURED[0], 3)[0]


def draw(judged):
    """Two layers in kernel widths: G = phi/Phi of H = x, and u G where dH/dn = 0."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(style.WIDE, 3.2))
    draw_layer(left, judged)
    draw_flat_layer(right, judged)
    for ax in (left, right):
        ax.axhline(0.0, color=style.CONTROL, ls="--", zorder=1)
        style.name_control(ax, "rival: no layer", 0.4, 0.0)
        ax.axvspan(-WALL, 0, color=style.CONTROL, alpha=0.4, lw=0)
        ax.text(-WALL / 2, 0.5, "wall", transform=ax.get_xaxis_transform(), rotation=90,
                ha="center", va="center", fontsize=style.SMALL)  # fmt: skip
        ax.set_xlim(-WALL, None)
        ax.set_xlabel(r"depth $u = x/\sqrt{2\varepsilon}$")
        ax.legend(fontsize=7)
    return figure


def draw_layer(ax, judged):
    a, curves, eps = judged.arrays, judged.curves, judged.parameters.temperature
    field, row = judged.quantities[claim.LAYER], judged.row(claim.WALL)
    ax.plot(
        curves["depths"], curves["layer"], color=style.PREDICTED,
        label=r"predicted, $G(u) = \phi(u)/\Phi(u)$",
    )  # fmt: skip
    ax.plot(
        claim.DEPTHS, curves["population"], color=style.MEASURED[0], lw=0.8,
        label=rf"predicted at $\varepsilon$ = {eps:g}",
    )  # fmt: skip
    value, low, high = a["sampled_profile"].T
    ax.errorbar(
        claim.DEPTHS, value, [value - low, high - value], fmt="o", ms=3.5, color=style.MEASURED[0],
        label=rf"i.i.d. tokens, $\varepsilon$ = {eps:g}, 99.9 %",
    )  # fmt: skip
    ax.plot(
        claim.DEPTHS, field.values[-1, 0, :, 0], "x", ms=5, color=FINEST,
        label=rf"$N = \infty$, $\varepsilon$ = {style.power_of_ten(field.steps[-1] ** 2)}",
    )  # fmt: skip
    style.draw_row(
        ax, 0.0, row, colour=FINEST, marker="D", scale=np.sqrt(2), hollow=True,
        label=r"at the wall, $\tau \to 0$, judged",
    )  # fmt: skip
    ax.annotate(
        rf"at the wall, $\tau \to 0$: {row.measured:.4f}$/\sqrt{{2}}$",
        (0.0, row.measured / np.sqrt(2)), (0.9, 0.7), fontsize=7, va="center",
        arrowprops={"arrowstyle": "-", "lw": 0.6},
    )  # fmt: skip
    ax.set(ylabel=r"$(A - I)x \,/\, \sqrt{2\varepsilon}$", ylim=(-0.05, 1.2))
    ax.set_title(r"$\partial_n H = 1$: diverges as $2/\sqrt{\pi\tau}$")


def draw_flat_layer(ax, judged):
    curves, field = judged.curves, judged.quantities[claim.FLAT_LAYER]
    ax.plot(
        curves["depths"], curves["flat_layer"], color=style.PREDICTED, label="predicted, $u\\,G(u)$"
    )
    last = len(field.steps) - 1
    levels = zip(style.shades(style.MEASURED[0], 3)[::-1], (0, last // 2, last), "s^x", strict=True)
    for colour, level, marker in levels:
        error = field.values[level, 0, :, 0] / curves["flat_bend"][0] - 1
        name = rf"$N = \infty$, $\varepsilon$ = {style.power_of_ten(field.steps[level] ** 2)}"
        ax.plot(claim.DEPTHS, error, marker, ms=4, color=colour, label=name)
    ax.set(ylabel=r"$(A - I)H/(\tau\,\partial_n^2 H) - 1$", ylim=(-0.03, 0.45))
    ax.set_title(r"$\partial_n H = 0$: the error does not go away")
