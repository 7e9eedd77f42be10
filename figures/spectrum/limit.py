"""As the temperature falls, (1 − μ)/τ tends to the eigenvalues of −L on the circle, for Gaussian
tokens on the line, and for any density on the circle; diamonds are the extrapolated limits."""

from __future__ import annotations

import matplotlib.pyplot as plt

from figures import style
from theory.claims import spectrum as claim

PLACES = {
    claim.CIRCLE: ("circle", claim.LIMITS_CIRCLE[1:], "circle, uniform: $k^2$"),
    claim.LINE: ("line", claim.LIMITS_LINE, "Gaussian tokens: $2k/s^2$"),
    claim.CURVE: ("curve", claim.LIMITS_CURVE[:3], r"circle, any $p$: $\lambda_k$ of $-L$"),
}


def draw(judged):
    """Three panels: measured eigenvalues over their limits, against the clock; judged at 0."""
    figure, panels = plt.subplots(1, 3, figsize=(style.WIDE, 2.9), sharey=True)
    tau = judged.parameters.temperatures()
    for ax, (place, (name, indices, title)) in zip(panels, PLACES.items(), strict=True):
        tints = style.shades(style.colour("line" if name == "line" else "circle"), len(indices))
        for colour, k, mark in zip(tints, indices, "os^Dv<>", strict=False):
            row = judged.row(claim.limit(place, k))
            values = judged.arrays[f"{name} nodes"][:, k - 1] / row.predicted
            ax.plot(tau, values, mark, ms=3.5, color=colour, label=f"$k = {k}$")
            style.draw_row(
                ax, 0.0, row, colour=colour, marker="D", scale=row.predicted, hollow=True
            )
        ax.axhline(1.0, color=style.PREDICTED, lw=1)
        ax.axhline(1.1, color=style.CONTROL, ls="--")
        style.name_control(ax, "rival: 10 % more", tau[0], 1.1, ha="right")
        ax.set(xlabel=r"clock $\tau = \varepsilon$", title=title)
        ax.legend(fontsize=7, loc="lower left")
    draw_rival(panels[2], judged)
    panels[0].plot([], [], color=style.PREDICTED, label="predicted limit")
    panels[0].legend(fontsize=7, loc="lower left")
    panels[0].set_ylabel(r"$(1 - \mu_k)/(\tau \lambda_k)$")
    return figure


def draw_rival(ax, judged):
    """What the first eigenvalue would be with drift 1 instead of 2."""
    row = judged.row(claim.limit(claim.CURVE, 1))
    wrong = row.rivals["drift 1"].value / row.predicted
    ax.plot(0.0, wrong, "x", ms=6, color=style.CONTROL, label="rival: drift 1, $k = 1$")
    ax.legend(fontsize=7, loc="lower left")
