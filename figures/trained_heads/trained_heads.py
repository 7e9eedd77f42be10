"""The median head of a trained encoder, with its interval over sentences. Left: the share of what
the score does that its response at infinite temperature explains is more than a half; with the two
maps exchanged it is below zero. Right: how far trained heads are from their nulls. Dots: heads."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import trained_heads as claim

LEAST = -1.5  # shares below this stand here
SAID = {
    claim.RANDOM_LOCAL: "response: random weights\nabove trained",
    claim.SPREAD_LOCAL: "response: trained above\nrandom, same spread",
    claim.SHUFFLED_LOCAL: "response: shuffled tokens\nabove sentences",
    claim.SPREAD_COPYING: "copying: trained above\nrandom, same spread",
    claim.SHUFFLED_COPYING: "copying: sentences\nabove shuffled tokens",
}


def draw(judged):
    figure, (left, right) = plt.subplots(1, 2, figsize=(style.WIDE, 3.2), width_ratios=(1, 1.25))
    shares(left, judged)
    differences(right, judged)
    return figure


def shares(ax, judged):
    """The headline beside the same form of exchanged maps, and what the form leaves."""
    row = judged.row(claim.LOCAL)
    dots(ax, 2, judged.arrays[f"each, {claim.LOCAL}"], style.MEASURED[0])
    dots(ax, 1, judged.arrays[f"each, {claim.EXCHANGED}"], style.CONTROL)
    point(ax, 2, row, style.MEASURED[0])
    for y, name in ((1, claim.EXCHANGED), (0, claim.LEFT)):
        ax.plot(row.rivals[name].value, y, "x", ms=7, mew=1.6, color=style.CONTROL, zorder=4)
    ax.axvline(row.predicted, color=style.PREDICTED, lw=1)
    ax.annotate(
        "predicted: more than this", (row.predicted, 2.75), xytext=(-3, 0),
        textcoords="offset points", ha="right", va="top", fontsize=style.SMALL,
    )  # fmt: skip
    ax.axvline(1, color=style.CONTROL, ls="--", lw=1)
    style.name_control(ax, "all of it", 1, 2.75, ha="right", va="top", dx=-3, rotation=90)
    ax.set_yticks([2, 1, 0], ["response", "$W_Q$, $W_K$\nexchanged", "not explained"])
    ax.set_xticks([LEAST, -1, -0.5, 0, 0.5, 1], ["less", "−1", "−½", "0", "½", "1"])
    ax.set(xlim=(LEAST - 0.1, 1.08), ylim=(-0.5, 2.8), xlabel="share of what the score does")


def differences(ax, judged):
    """Signed differences of shares in a scale that keeps large ones: the interval judged, and 0."""
    for place, name in enumerate(reversed(claim.DIFFERENCES)):
        dots(ax, place, judged.arrays[f"each, {name}"], style.MEASURED[1], clip=False)
        point(ax, place, judged.row(name), style.MEASURED[1])
    ax.axvline(0, color=style.CONTROL, ls="--", lw=1)
    style.name_control(ax, "no difference", 0, len(SAID) - 0.5, ha="right", va="top", dx=-3)
    ax.set_xscale("symlog", linthresh=0.1, linscale=0.8)
    ax.set_xticks([-10, -1, -0.1, 0, 0.1, 1, 10], ["−10", "−1", "−0.1", "0", "0.1", "1", "10"])
    ax.set_yticks(range(len(SAID)), [SAID[name] for name in reversed(claim.DIFFERENCES)])
    ax.tick_params(axis="y", labelsize=style.SMALL)
    ax.set(ylim=(-0.5, len(SAID) - 0.4), xlabel="difference of the two shares")


def point(ax, place, row, colour):
    """The median head with the interval that was judged."""
    ends = [[row.measured - row.ci_low], [row.ci_high - row.measured]]
    ax.errorbar(
        row.measured, place, xerr=ends, fmt="o", ms=5, lw=1.6, color=colour, mec="black", mew=0.6,
        zorder=5,
    )  # fmt: skip


def dots(ax, place, values, colour, clip=True):
    """A dot a head, spread a little in a fixed order so that they do not hide each other."""
    values = np.asarray(values)
    shift = 0.28 * (np.arange(len(values)) * 0.618 % 1 - 0.5)
    x = np.maximum(values, LEAST) if clip else values
    ax.plot(x, place + shift, ".", ms=3, color=colour, alpha=0.35, mew=0, zorder=2)


def facts(judged) -> tuple[str, ...]:
    p = judged.parameters
    return (f"{12 * p.n_layers} heads of all-MiniLM-L6-v2", f"{p.n_sentences} sentences")
