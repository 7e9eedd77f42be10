"""Attention's generator has drift coefficient 2 as the temperature falls, on samples and without
them; its distance from L H falls with order 1, on the circle along the known O(ε) term."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import generator as claim

SAMPLES = claim.WHERE[0]
SHORT = {"circle": "$S^1$", "sphere": "$S^2$", "torus": "torus", "ellipse": "ellipse"}


def draw(judged):
    """Left: judged limits. Middle: drift coefficients at eps. Right: (A - I)H/eps less L H."""
    figure, (limits, drifts, bias) = plt.subplots(
        1, 3, figsize=(style.WIDE, 4.0), width_ratios=(0.7, 1, 1.25)
    )
    drifts.sharey(limits)
    draw_limits(limits, judged)
    draw_drifts(drifts, judged)
    draw_bias(bias, judged)
    return figure


def draw_limits(ax, judged):
    """The judged limits that samples see; what is predicted, and its rivals, belong here alone."""
    names = judged.parameters.manifolds
    for place, name in enumerate(names):
        row = judged.row(claim.drift(name, SAMPLES, claim.LIMIT))
        style.draw_row(ax, place, row, colour=style.colour(name), marker="D", hollow=True)
    ax.axhline(row.predicted, color=style.PREDICTED, lw=1, label="predicted limit")
    for rival in ("10 % more", "10 % less"):
        ax.axhline(row.rivals[rival].value, color=style.CONTROL, ls="--")
        sign = {"10 % more": "bottom", "10 % less": "top"}[rival]
        style.name_control(ax, f"rival: {rival}", -0.5, row.rivals[rival].value, va=sign)
    ax.plot([], [], "D", ms=5, mfc="white", color=style.PREDICTED, label="i.i.d., judged")
    low, high = (row.rivals[rival].value for rival in ("10 % less", "10 % more"))
    ax.set_ylim(low - 0.3 * (high - low), high + 0.12 * (high - low))
    ax.set(xlim=(-0.6, len(names) - 0.4), xlabel="manifold")
    ax.set_xticks(range(len(names)), [SHORT.get(name, "") for name in names])
    ax.set_ylabel("drift coefficient")
    ax.set_title(r"limit $\varepsilon \to 0$")
    ax.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.4, -0.2))


def draw_drifts(ax, judged):
    """Nodes with the curve through them; samples at their eps, with the judged interval."""
    eps, names = judged.arrays["temperatures"], judged.parameters.manifolds
    grid = np.linspace(0, eps[0], 100)
    for name in names:
        colour, values = style.colour(name), judged.arrays[f"{name}_node_drifts"]
        curve = np.polynomial.Polynomial.fit(eps, values, len(eps) - 1)
        ax.plot(grid, curve(grid), lw=0.8, color=colour)
        ax.plot(eps, values, "o", ms=7, mfc="none", color=colour, label=style.label(name))
        at_eps = judged.row(claim.drift(name, SAMPLES, claim.AT_EPS))
        style.draw_row(ax, eps[0], at_eps, colour=colour)
    ax.plot([], [], "o", ms=7, mfc="none", color=style.PREDICTED, label=r"$N = \infty$")
    ax.plot([], [], lw=0.8, color=style.PREDICTED, label="through the rings")
    ax.plot([], [], "o", ms=4, color=style.PREDICTED, label="i.i.d. tokens")
    ax.set(xlabel=r"temperature $\varepsilon$", xlim=(0, 1.08 * eps[0]))
    ax.tick_params(axis="y", labelleft=False)
    ax.set_title(r"at temperature $\varepsilon$")
    ax.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -0.2))


def draw_bias(ax, judged):
    """L2 norms over the probe points; the line of the circle is absolute."""
    for name in judged.parameters.manifolds:
        field, row = judged.quantities[claim.bias(name)], judged.row(claim.bias(name))
        values, colour = field.values[:, 0], style.colour(name)
        errors = distance(values, judged.curves[f"{name}_right"], field.weights)
        stalled = distance(values, judged.curves[f"{name}_more"], field.weights)
        if known := f"{name}_bias" in judged.curves:
            line = judged.curves[f"{name}_bias"] * field.steps
        else:
            line = errors[-1] * (field.steps / field.steps[-1]) ** row.predicted
        shade = style.PREDICTED if known else colour
        ax.plot(field.steps, line, color=shade, lw=1, zorder=1)
        ax.plot(field.steps, errors, "o", ms=4, color=colour, zorder=3)
        ax.plot(field.steps, stalled, "s:", ms=3, color=colour, mfc="white", lw=1.2)
        order = f"{style.label(name)}: order {row.measured:.4f} $\\pm$ {row.half_width:.4f}"
        ax.plot([], [], "o", ms=4, color=colour, label=order)
        text = r"predicted $O(\varepsilon)$ term" if known else "slope only"
        ax.plot([], [], color=shade, lw=1, label=f"{style.label(name)}: {text}")
    style.log_axis(ax.xaxis)
    style.log_axis(ax.yaxis)
    ax.plot(
        [], [], "s:", ms=3, mfc="white", lw=1.2, color=style.CONTROL,
        label="rival: drift 10 % more, in each colour",
    )  # fmt: skip
    ax.set(
        xlabel=r"temperature $\varepsilon$",
        ylabel=r"$\Vert (A - I)H/\varepsilon - L H \Vert$ in $L^2(p)$",
        title=r"bias at $N = \infty$",
    )
    ax.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.42, -0.2))


def distance(values, target, weights) -> np.ndarray:
    """The norm of values (levels, points, functions) less a target, at each level."""
    return np.sqrt(((values - target) ** 2).sum(axis=2) @ weights)
