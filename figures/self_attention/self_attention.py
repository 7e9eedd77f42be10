"""W = c I + ε B on the sphere: the drifts up the density, along the tilt S and along the
rotation K have coefficient 2 in the limit, and at a finite temperature what the definition gives
there."""

from __future__ import annotations

import matplotlib.pyplot as plt

from figures import style
from theory.claims import self_attention as claim

TERMS = (
    ("up the density", "s", 7, claim.DENSITY, claim.DENSITY_SAMPLED),
    ("tilt $S$", "o", 3, claim.TILT, claim.TILT_SAMPLED),
    ("rotation $K$", "^", 5, claim.ROTATION, claim.ROTATION_SAMPLED),
)


def draw(judged):
    """Left: the three drift coefficients against eps. Right: consensus of S alone."""
    temperatures = judged.parameters.temperatures()
    figure, (ax, tilt) = plt.subplots(1, 2, figsize=(style.WIDE, 3.2), width_ratios=(2.2, 1))
    colour = style.colour("sphere")
    for k, (label, mark, size, limit, sampled) in enumerate(TERMS):
        levels = judged.arrays["levels"][:, k]
        ax.plot(temperatures, levels, mark, ms=size, mfc="none", color=colour, label=label)
        style.draw_limit(ax, judged.row(limit), colour=colour)
        place = temperatures[0] * (1.06 + 0.07 * k)
        style.draw_row(ax, place, judged.row(sampled), colour=colour, marker=mark)
        ax.plot(place, judged.row(sampled).predicted, "_", ms=12, color=style.PREDICTED)
    ax.axhline(2.0, color=style.PREDICTED, lw=1, label="predicted limit")
    for rival, words in ((2.2, "10 % more"), (1.8, "10 % less")):
        ax.axhline(rival, color=style.CONTROL, ls="--")
        place = {"ha": "right"}
        style.name_control(ax, f"rival limit: {words}", 1.28 * temperatures[0], rival, **place)
    ax.plot([], [], "D", ms=5, mfc="white", color="#444444", label="extrapolated, judged")
    ax.plot(
        [],
        [],
        "o",
        ms=4,
        color="#444444",
        label="stratified tokens at the largest\n$\\varepsilon$, judged (offset for legibility)",
    )
    ax.plot([], [], "_", ms=12, color=style.PREDICTED, label="predicted for them")
    ax.set(xlabel=r"temperature $\varepsilon$", ylabel="drift coefficient", title="$W = cI + "
           r"\varepsilon\,(S + K)$")  # fmt: skip
    ax.set_xlim(-0.05 * temperatures[0], 1.3 * temperatures[0])
    figure.legend(loc="outside lower center", ncols=4, fontsize=7)
    draw_consensus(tilt, judged.row(claim.CONSENSUS))
    return figure


def draw_consensus(ax, row):
    """The consensus of x^T S x, with its prediction and rivals."""
    style.draw_row(ax, 0.0, row, colour=style.colour("sphere"), marker="D", hollow=True)
    ax.axhline(row.predicted, color=style.PREDICTED, lw=1)
    names = {"no tilt": "rival: no tilt", "half of it: p^2 exp(x^T S x/2)": "rival: half the tilt"}
    for name, text in names.items():
        value = row.rivals[name].value
        ax.axhline(value, color=style.CONTROL, ls="--")
        style.name_control(ax, text, 0.02, value, xycoords=("axes fraction", "data"))
    style.name_control(
        ax, r"predicted: mean under $p^2 e^{x^T S x}$", 0.02, row.predicted,
        xycoords=("axes fraction", "data"), va="top", color=style.PREDICTED,
    )  # fmt: skip
    ax.set(
        xlim=(-1, 1), xticks=[], xlabel="$S$ alone, extrapolated", title="consensus of $x^T S\\,x$"
    )
