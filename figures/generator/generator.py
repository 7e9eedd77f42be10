"""Attention's generator has drift coefficient 2 as the temperature falls, on samples and without
them; its distance from L H falls with order 1, on the circle along the known O(eps) term."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import generator as claim

SAMPLES = claim.WHERE[0]
APART = 0.025  # between the extrapolated points of the manifolds, of the largest temperature


def draw(judged):
    """Left: drift coefficients against eps. Right: distance of (A - I)H/eps from L H."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.0, 3.6))
    draw_drifts(left, judged)
    draw_bias(right, judged)
    return figure


def draw_drifts(ax, judged):
    """Nodes with the curve through them, samples with the interval that was judged."""
    eps, names = judged.arrays["temperatures"], judged.parameters.manifolds
    grid = np.linspace(0, eps[0], 100)
    for k, name in enumerate(names):
        colour, values = style.colour(name), judged.arrays[f"{name}_node_drifts"]
        curve = np.polynomial.Polynomial.fit(eps, values, len(eps) - 1)
        ax.plot(grid, curve(grid), lw=0.8, color=colour)
        ax.plot(eps, values, "o", ms=4, mfc="white", color=colour)
        at_eps = judged.row(claim.drift(name, SAMPLES, claim.AT_EPS))
        style.draw_row(ax, eps[0] * (1 + APART * (k + 1)), at_eps, colour=colour)
        limit = judged.row(claim.drift(name, SAMPLES, claim.LIMIT))
        style.draw_row(ax, -eps[0] * APART * k, limit, colour=colour, marker="D", hollow=True)
        ax.plot([], [], color=colour, label=style.label(name))
    ax.axhline(limit.predicted, color=style.PREDICTED, lw=1, label="predicted limit")
    for rival in ("10 % more", "10 % less"):
        ax.axhline(limit.rivals[rival].value, color=style.CONTROL, ls="--")
    ax.plot([], [], "--", color=style.CONTROL, label="rivals: 10 % off")
    ax.plot([], [], "o", ms=4, mfc="white", color=style.PREDICTED, label=r"$N = \infty$")
    ax.plot([], [], "o", ms=4, color=style.PREDICTED, label="i.i.d. tokens")
    ax.plot([], [], "D", ms=5, mfc="white", color=style.PREDICTED, label="i.i.d., extrapolated")
    ax.set(xlabel=r"temperature $\varepsilon$", ylabel="drift coefficient")
    n, seeds = judged.parameters.n_tokens, judged.parameters.n_seeds
    ax.set_title(f"{seeds} samples of $N$ = {n} tokens")
    ax.legend(fontsize=7, ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.17))


def draw_bias(ax, judged):
    """L2 norms over the probe points; the line of the circle is absolute."""
    for name in judged.parameters.manifolds:
        field, row = judged.quantities[claim.bias(name)], judged.row(claim.bias(name))
        values, colour = field.values[:, 0], style.colour(name)
        errors = distance(values, judged.curves[f"{name}_right"], field.weights)
        stalled = distance(values, judged.curves[f"{name}_more"], field.weights)
        label = f"{style.label(name)}: order {row.measured:.4f} $\\pm$ {row.half_width:.4f}"
        if f"{name}_bias" in judged.curves:
            known = judged.curves[f"{name}_bias"] * field.steps
            ax.plot(field.steps, known, color=style.PREDICTED, lw=1, zorder=1)
            ax.plot(field.steps, errors, "o", ms=4, color=colour, label=label)
            ax.plot(field.steps, stalled, "s--", ms=3, color=style.CONTROL)
            ax.plot([], [], color=style.PREDICTED, lw=1, label=r"predicted $O(\varepsilon)$ term")
        else:
            style.order_axes(
                ax, field.steps, errors, row.predicted, colour=colour, name=label, control=stalled
            )
    style.log_axis(ax.xaxis)
    style.log_axis(ax.yaxis)
    ax.plot([], [], color=style.colour(name), lw=1, label="coloured lines: slope 1 only")
    ax.plot([], [], "s--", ms=3, color=style.CONTROL, label="rival: drift 10 % more")
    ax.set(
        xlabel=r"temperature $\varepsilon$",
        ylabel=r"$\|(A - I)H/\varepsilon - L H\|_{L^2(p)}$",
        title=r"Bias at $N = \infty$",
    )
    ax.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -0.17))


def distance(values, target, weights) -> np.ndarray:
    """The norm of values (levels, points, functions) less a target, at each level."""
    return np.sqrt(((values - target) ** 2).sum(axis=2) @ weights)
