"""Entropy production per time tends to ∫ |J|²/ρ dV; it vanishes for scores that are symmetric up
to a part of the query and a part of the key, and for no others."""

from __future__ import annotations

import matplotlib.pyplot as plt

from figures import style
from theory.claims import entropy_production as claim

CHAINS = (
    ("symmetric", "$W$ symmetric", claim.SYMMETRIC),
    ("parts", "symmetric + query-\nonly + key-only", claim.PARTS),
    ("head", "$W_Q \\neq W_K$", claim.HEAD_IDENTITY),
    ("product", "query part\n$\\times$ key part", claim.GENERAL_IDENTITY),
)


DARK = style.shades(style.colour("sphere"), 2)[0]  # the sphere with another density


def draw(judged):
    """Left: e/eps over its predicted limit against eps. Right: e of chains, and their residuals."""
    figure, (rates, chains) = plt.subplots(1, 2, figsize=(style.WIDE, 3.3), width_ratios=(1.2, 1))
    draw_rates(rates, judged)
    draw_chains(chains, judged)
    handles, labels = rates.get_legend_handles_labels()
    # what was predicted stands behind what was measured
    order = sorted(range(len(labels)), key=lambda k: labels[k].startswith("predicted"))
    figure.legend(
        [handles[k] for k in order], [labels[k] for k in order], fontsize=7,
        loc="outside lower center", ncols=3,
    )  # fmt: skip
    return figure


def draw_rates(ax, judged):
    """Points on nodes, open diamonds extrapolated, one filled point for samples."""
    temperatures = judged.parameters.temperatures()
    curves = [
        (f"{name}_rates", claim.rate_limit(name), style.colour(name), style.label(name))
        for name in judged.parameters.manifolds
    ]
    turning = ("rotation_rates", claim.ROTATION, DARK, "sphere, uniform, $K$ alone")
    for (key, quantity, colour, label), mark in zip([*curves, turning], "os^v<>", strict=False):
        row = judged.row(quantity)
        ratios = judged.arrays[key] / row.predicted
        ax.plot(temperatures, ratios, mark, ms=4, mfc="none", color=colour, label=label)
        style.draw_row(ax, 0.0, row, colour=colour, marker="D", scale=row.predicted, hollow=True)
    first = judged.parameters.manifolds[0]
    sampled, limit = judged.row(claim.rate_sampled(first)), judged.row(claim.rate_limit(first))
    place, scale = 1.06 * temperatures[0], limit.predicted
    style.draw_row(
        ax,
        place,
        sampled,
        colour=style.colour(first),
        scale=scale,
        label="stratified tokens at the largest\n$\\varepsilon$, judged (offset for legibility)",
    )
    ax.plot(
        place,
        sampled.predicted / scale,
        "_",
        ms=12,
        color=style.PREDICTED,
        label="predicted for stratified tokens",
    )
    ax.axhline(1.0, color=style.PREDICTED, lw=1, label="predicted limit")
    ax.plot([], [], "D", ms=5, mfc="white", color=style.PREDICTED, label="extrapolated, judged")
    for rival, words, side in ((1.1, "10 % more", "bottom"), (0.9, "10 % less", "top")):
        ax.axhline(rival, color=style.CONTROL, ls="--")
        style.name_control(ax, f"rival limit: {words}", 0, rival, va=side)
    bound = limit.rivals["int |2 b|^2 rho, an upper bound"].value / scale
    ax.annotate(
        rf"rival $\int\, \Vert 2b \Vert^2\, \rho\, dV$: {bound:.2f}, off the scale", (0.98, 0.98),
        xycoords="axes fraction", ha="right", va="top", fontsize=7, color=style.CONTROL,
    )  # fmt: skip
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.12 * (high - low))
    ax.set(
        xlabel=r"temperature $\varepsilon$",
        ylabel=r"$(e/\varepsilon)$ over its predicted limit",
        xlim=(-0.05 * temperatures[0], None),
    )


def draw_chains(ax, judged):
    """e of each chain on a linear axis; what should vanish is written with its bound."""
    for place, (key, _, quantity) in enumerate(CHAINS):
        e, row = float(judged.arrays[f"entropy_{key}"]), judged.row(quantity)
        ax.barh(place, e, height=0.5, color=style.MEASURED[0])
        off, bound = (style.power_of_ten(v, 0) for v in (abs(row.measured), row.half_width))
        text = f"$e$ = {off}" if place < 2 else f"off its formula by {off}"
        height = place - 0.02 if place < 2 else place + 0.42
        ax.text(0.03, height, f"{text}, rounding: {bound}", va="center", fontsize=7)
    share = judged.row(claim.TOP_K).measured
    ax.text(
        0.03, len(CHAINS), f"infinite in {100 * share:.0f} % of samples", va="center", fontsize=7
    )
    ax.set_yticks(range(len(CHAINS) + 1), [*(name for _, name, _ in CHAINS), "top-$k$ keys"])
    ax.set(ylim=(len(CHAINS) + 0.5, -0.6), xlabel="entropy production $e$ a step (nats)")
