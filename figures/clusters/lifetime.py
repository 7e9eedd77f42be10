"""Clusters rest for long: exponentially in their distance, logarithmically in their disorder."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import clusters as claim


def draw(judged):
    """Lifetime of a pair against delta^2/(4 eps); steps that a chain gains by smaller disorder."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(style.WIDE, 3.2))
    draw_pair(left, judged)
    draw_chain(right, judged)
    return figure


def draw_pair(ax, judged):
    a, curves = judged.arrays, judged.curves
    law = r"predicted $\mathrm{Ei}(x)/4 + x/2 + c$"
    ax.semilogy(curves["x"], curves["lifetime"], color=style.PREDICTED, label=law)
    ax.semilogy(
        curves["x"], curves["no_prefactor"], "--", color=style.CONTROL, label="rival $e^x/4$"
    )
    ax.semilogy(
        a["pair_squares"], a["pair_lifetimes"], "o", ms=4, color=style.MEASURED[0], label="measured"
    )
    shortest = a["pair_squares"].min()
    ax.axvspan(shortest - 0.3, claim.SHORT, color=style.CONTROL, alpha=0.15, lw=0)
    ax.text(claim.SHORT - 0.15, 3.0, "not judged", fontsize=7, ha="right")
    row = judged.row(claim.LIFETIME)
    words = (
        f"judged: steps gained\nfrom here to the last\npredicted {row.predicted:.1f}\n"
        f"measured {row.measured:.0f}\n[{row.ci_low:.0f}, {row.ci_high:.0f}]"
    )
    ax.text(claim.SHORT + 0.2, 3.0, words, fontsize=7)
    ax.set_xlim(shortest - 0.3, claim.LONG_LIVED + 0.3)
    ax.set(xlabel=r"$x = \delta^2/(4\varepsilon)$ at the start", ylabel="steps until they merge")
    ax.set_title("Two clusters")
    ax.legend(fontsize=7)


def draw_chain(ax, judged):
    row = judged.row(claim.DECADE)
    u, lengths = judged.arrays["disorder"], judged.arrays["chain_plateaus"]
    rough = claim.DISORDER_JUDGED[0]
    start = lengths[np.isclose(u, rough)][0]
    decades = np.log10(rough / u)
    grid = np.array([decades.min(), decades.max()])
    ax.plot(
        grid,
        row.predicted * grid,
        color=style.PREDICTED,
        label=f"predicted: {row.predicted:.1f} a decade",
    )
    rival = row.rivals["multiplier without the -1"].value
    ax.plot(
        grid, rival * grid, "--", color=style.CONTROL, label=f"rival, no repulsion: {rival:.1f}"
    )
    label = f"measured: {row.measured:.1f} [{row.ci_low:.1f}, {row.ci_high:.1f}]"
    ax.plot(decades, lengths - start, "o", ms=4, color=style.MEASURED[0], label=label)
    ax.set(
        xlabel=rf"decades of order beyond $u = 10^{{{np.log10(rough):.0f}}}$",
        ylabel="steps gained until neighbours merge",
        title=rf"A chain, $a^2/(4\varepsilon)$ = {claim.PLATEAU_SQUARE:g}",
    )
    ax.legend(fontsize=7)
