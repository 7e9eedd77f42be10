"""Inside a window attention drifts up the density and down the score, each with coefficient 2 in
the limit; at a finite window sampled tokens have the coefficients that their own estimator has
there at N = ∞."""

from __future__ import annotations

import matplotlib.pyplot as plt

from figures import style
from theory.claims import local_attention as claim

TERMS = (
    (r"up the density, $\langle\nabla\log p, \nabla H\rangle$", "s", 6),
    (r"down the score, $-\langle\nabla_{\!y} f, \nabla H\rangle/T$", "o", 3.5),
)  # with mark and its size


def draw(judged):
    """Two panels a manifold: nodes against the square of the radius, and samples at one radius."""
    names = judged.parameters.manifolds
    figure, panels = plt.subplots(
        1, 2 * len(names), figsize=(style.WIDE, 3.6), sharey=True, squeeze=False,
        width_ratios=(3, 1.3) * len(names),
    )  # fmt: skip
    for limits, samples, name in zip(panels[0, ::2], panels[0, 1::2], names, strict=True):
        draw_limits(limits, judged, name)
        draw_samples(samples, judged, name)
    panels[0, 0].set_ylabel("drift coefficient")
    black = style.PREDICTED
    handles = [
        *(plt.Line2D([], [], marker=m, ls="", ms=5, color=style.CONTROL) for _, m, _ in TERMS),
        plt.Line2D([], [], marker="o", ls="", ms=4, mfc="none", color=black),
        plt.Line2D([], [], marker="D", ls="", ms=5, mfc="white", color=black),
        plt.Line2D([], [], color=black, lw=1),
        plt.Line2D([], [], marker="o", ls="", ms=4, color=black),
        plt.Line2D([], [], color=black, lw=2),
    ]
    labels = [
        *(label for label, _, _ in TERMS), r"$N = \infty$: fit over probes, each counts the same",
        "its limit, judged", "predicted limit",
        "stratified tokens, judged: another fit, over tokens",
        r"predicted for that fit at $N = \infty$",
    ]  # fmt: skip
    figure.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=7)
    return figure


def draw_limits(ax, judged, name):
    """Coefficients on nodes at each radius, and their limits; rivals are those of the limits."""
    squares = judged.parameters.radii() ** 2
    limits = (claim.drift_limit(name), claim.force_limit(name))
    colour = style.colour(name)
    for k, ((_, mark, size), limit) in enumerate(zip(TERMS, limits, strict=True)):
        levels, row = judged.arrays[f"{name}_levels"][:, k], judged.row(limit)
        ax.plot(squares, levels, mark, ms=size, mfc="none", color=colour)
        style.draw_limit(ax, row, colour=colour)
    ax.axhline(row.predicted, color=style.PREDICTED, lw=1)
    for rival in ("10 % more", "10 % less"):
        value = row.rivals[rival].value
        ax.axhline(value, color=style.CONTROL, ls="--")
        side = "bottom" if "more" in rival else "top"
        style.name_control(ax, f"rival limit: {rival}", 0, value, va=side)
    ax.set(xlabel="square of the radius $R^2$", title=style.label(name))


def draw_samples(ax, judged, name):
    """The coefficients that samples have at the largest radius, beside what is predicted there."""
    rows = (claim.drift_sampled(name), claim.force_sampled(name))
    for k, ((_, mark, _), quantity) in enumerate(zip(TERMS, rows, strict=True)):
        row = judged.row(quantity)
        ax.plot([k - 0.35, k + 0.35], [row.predicted] * 2, color=style.PREDICTED, lw=2, zorder=2)
        style.draw_row(ax, k, row, colour=style.colour(name), marker=mark)
    ax.set(xlim=(-0.6, 1.6), xticks=[], xlabel=f"samples,\n$R^2$ = {judged.parameters.radius**2:g}")
