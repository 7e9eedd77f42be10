"""The drift coefficient on ∇ log p_θ is 2 at zero temperature; that on ∇ log p is not: p_θ is the
density of the tokens per volume of the learned metric."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import learned_metric as claim


def draw(judged):
    """Left: fits at N = infinity over temperatures, and their limits. Right: what samples see."""
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(style.WIDE, 3.1), width_ratios=(1.9, 1), sharey=True
    )
    names = claim.short_names(judged.parameters.manifolds)
    lowest = min(names, key=lambda name: judged.arrays[f"{name}_fits"][0, 2])
    for place, name in enumerate(names):
        shade = style.colour(name)
        _, drift, wrong = judged.arrays[f"{name}_fits"].T
        eps, row = judged.quantities[claim.generator(name)].steps, judged.row(claim.drift(name))
        left.plot(eps, drift, "o", ms=4, color=shade, label=f"measured, {style.label(name)}")
        left.plot(eps, wrong, "s--", ms=3, color=style.CONTROL)
        side = "top" if name == lowest else "bottom"
        style.name_control(left, style.label(name), eps[0], wrong[0], va=side, dx=5)
        style.draw_limit(left, row, colour=shade)
        style.draw_row(
            right, place, judged.row(claim.sampled_drift(name)), colour=shade, marker="D",
            hollow=True,
        )  # fmt: skip
    for ax in (left, right):
        ax.axhline(row.predicted, color=style.PREDICTED, lw=1, label="predicted")
    left.plot([], [], "s--", ms=3, color=style.CONTROL, label=r"rival: fitted on $\log p$")
    left.plot([], [], "D", ms=5, mfc="white", color=style.PREDICTED, label="extrapolated, judged")
    left.set(xlabel=r"temperature $\varepsilon$", ylabel="drift coefficient", title="$N = \\infty$")
    left.legend(fontsize=7, loc="lower right", labelspacing=0.35)
    left.set_xlim(None, 1.3 * left.get_xlim()[1])
    for rival, side in (("10 % more", "bottom"), ("10 % less", "top")):
        value = row.rivals[rival].value
        right.axhline(value, color=style.CONTROL, ls="--")
        style.name_control(right, f"rival: {rival}", -0.4, value, va=side)
    right.set(
        xlim=(-0.5, len(names) - 0.5),
        xlabel="manifold",
        title="i.i.d. tokens, $\\varepsilon \\to 0$",
    )
    right.set_xticks(
        np.arange(len(names)), [style.label(name).replace(" ", "\n") for name in names], fontsize=8
    )
    return figure
