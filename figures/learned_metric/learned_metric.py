"""Drift and diffusion of attention with scores |W(x − y)|, point by point along a curve, and the
drift coefficients of i.i.d. tokens, extrapolated. g_θ is the learned metric, and p_θ the density of
the tokens per volume of it."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import learned_metric as claim
from theory.setting.checks import InputError

DASHES = ("--", ":", "-.", (0, (1, 3)), (0, (5, 3)), (0, (3, 1, 1, 1)))
AXES = "xyz"
EVERY = 3  # of the points, so that marks do not overlap


def draw(judged):
    """Components of L x and of J g_theta^-1 J^T against the angle; dashed: with p, with g."""
    names = claim.short_names(judged.parameters.manifolds)
    curves = [name for name in names if f"{name}_line" in judged.curves]
    if not curves:
        raise InputError("manifolds: got no curve, expected one for the figure along it")
    name = curves[0]
    dim = judged.curves[f"{name}_drift"].shape[1]
    pairs = [AXES[i] + AXES[j] for i in range(dim) for j in range(i, dim)]
    figure, (left, right, limits) = plt.subplots(
        1, 3, figsize=(style.WIDE, 3.5), width_ratios=(1, 1, 0.42)
    )
    draw_limits(limits, judged, names)
    generator = judged.quantities[claim.generator(name)]
    tensor = judged.quantities[claim.diffusion(name)]
    rivals = r"rival, $p$ not $p_\theta$", r"rival, $g$ not $g_\theta$"
    draw_components(left, judged, name, "drift", generator, list(AXES[:dim]), rivals[0])
    draw_components(right, judged, name, "diffusion", tensor, pairs, rivals[1])
    eps = generator.steps[-1]
    left.set(ylabel=r"drift, $(A - I)\,x/\varepsilon$", title=f"{name}, $\\varepsilon = {eps:g}$")
    right.set(
        ylabel=r"diffusion, cov/$(2\varepsilon)$", title=r"diffusion tensor $J\,g_\theta^{-1} J^T$"
    )
    for ax in (left, right):
        ax.plot([], [], color=style.PREDICTED, label="predicted")
        handles, labels = ax.get_legend_handles_labels()
        order = np.argsort(["rival" in text for text in labels], kind="stable")
        ax.legend(
            [handles[k] for k in order], [labels[k] for k in order], ncols=2, fontsize=7,
            loc="upper center", bbox_to_anchor=(0.45, -0.2),
            columnspacing=1, handlelength=1.6,
        )  # fmt: skip
    return figure


def draw_limits(ax, judged, names):
    """The judged drift coefficients on grad log p_theta, as samples see them at eps to 0."""
    for place, name in enumerate(names):
        row = judged.row(claim.sampled_drift(name))
        style.draw_row(ax, place, row, colour=style.colour(name), marker="D", hollow=True)
    ax.axhline(row.predicted, color=style.PREDICTED, lw=1)
    for rival, side in (("10 % more", "bottom"), ("10 % less", "top")):
        value = row.rivals[rival].value
        ax.axhline(value, color=style.CONTROL, ls="--")
        style.name_control(ax, f"rival: {rival}", -0.5, value, va=side)
    low, high = (row.rivals[rival].value for rival in ("10 % less", "10 % more"))
    margin = 0.15 * (high - low)
    ax.set(xlim=(-0.6, len(names) - 0.4), ylim=(low - margin, high + margin))
    ax.set(xlabel="manifold", ylabel="drift coefficient", title=r"limit $\varepsilon \to 0$")
    short = [style.label(name).replace(" of revolution", "") for name in names]
    ax.set_xticks(range(len(names)), short, rotation=90)


def draw_components(ax, judged, name, what, field, labels, rival):
    """Measured points at the last temperature on predicted lines, a shade a component."""
    line, curves = judged.curves[f"{name}_line"], judged.curves
    right, wrong = curves[f"{name}_{what}"], curves[f"{name}_{what}_rival"]
    t, values = field.coordinates[::EVERY, 0], field.values[-1, 0, ::EVERY]
    tints = style.shades(style.colour(name), len(labels))
    for k, (label, colour, mark) in enumerate(zip(labels, tints, "osD^v<", strict=False)):
        ax.plot(
            line, wrong[:, k], color=style.CONTROL, ls=DASHES[k], zorder=1,
            label=f"{rival}: ${label}$",
        )  # fmt: skip
        ax.plot(line, right[:, k], color=colour, lw=1)
        ax.plot(t, values[:, k], mark, ms=3.5, color=colour, label=f"measured, ${label}$", zorder=3)
    ax.set_xlabel("angle $t$")
    style.angle_axis(ax.xaxis, quarters=True)
