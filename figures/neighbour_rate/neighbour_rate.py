"""At the same k a sharp cut is as fast as smooth weights: the bias is of second order in the radius
for both (left, at infinitely many tokens), and the error falls faster than the bound of the sharp
cut (right; lines have slope -2/(d+6))."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from scipy import stats

from figures import style
from simulations.verdict.fields import field_errors
from theory.claims import neighbour_rate as claim

COLOURS = dict(zip(claim.WEIGHTS, style.MEASURED, strict=False))
MARKS = {1: "o", 2: "D"}


def draw(judged):
    """Left: moves of (A - I)H/tau as r_k halves. Right: root mean square errors against N."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(style.WIDE, 4.0))
    for d in claim.DIMENSIONS:
        for weights, colour in COLOURS.items():
            draw_bias(left, judged, d, weights, colour)
            draw_errors(right, judged, d, weights, colour)
    for ax in (left, right):
        style.log_axis(ax.xaxis)
        style.log_axis(ax.yaxis)
        ax.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -0.18))
    left.set(xlabel="radius $r_k$", ylabel=r"move of $(A - I)H/\tau$", title="bias, $N = \\infty$")
    right.set(xlabel="tokens $N$", ylabel="error against $L H$", title=r"$k \sim N^{6/(d+6)}$")
    return figure


def draw_bias(ax, judged, d, weights, colour):
    """Root mean squares of the moves, the predicted slope, and the rival's."""
    values, row = judged.arrays[f"bias {d} {weights}"], judged.row(claim.bias(d, weights))
    moves = np.sqrt((np.diff(values, axis=0) ** 2).mean(axis=(1, 2)))
    radii = claim.RADII[:-1]
    label = f"$d$ = {d}, {weights}: order {row.measured:.3f} $\\pm$ {row.half_width:.3f}"
    ax.plot(radii, moves, MARKS[d], ms=5, mfc="none", color=colour, label=label)
    ax.plot(radii, moves[-1] * (radii / radii[-1]) ** row.predicted, color=colour, lw=1)
    if d == 1 and weights == claim.SHARP:
        rival = moves[-1] * radii / radii[-1]
        ax.plot(radii, rival, "--", color=style.CONTROL, label="rival: order 1")


def draw_errors(ax, judged, d, weights, colour):
    """Geometric means over samples with their intervals, and the slopes through the largest: as a
    bias of second order gives, and as published for the sharp cut."""
    quantity = claim.rate(d, weights)
    field, row = judged.quantities[quantity], judged.row(quantity)
    errors = field_errors(field, field.values, lambda u: judged.curves[f"generator {d}"])
    logs, sizes = [np.log(level[~np.isnan(level)]) for level in errors], 1 / field.steps
    means = np.exp([level.mean() for level in logs])
    half = [stats.t.ppf(0.9995, len(v) - 1) * v.std(ddof=1) / len(v) ** 0.5 for v in logs]
    bars = np.array([means * (1 - np.exp(-np.array(half))), means * np.expm1(half)])
    label = f"$d$ = {d}, {weights}: {row.measured:.3f} [{row.ci_low:.3f}, {row.ci_high:.3f}]"
    ax.errorbar(sizes, means, bars, fmt=MARKS[d], ms=5, mfc="none", color=colour, label=label)
    ax.plot(sizes, means[-1] * (sizes / sizes[-1]) ** (-2 / (d + 6)), color=colour, lw=1)
    if weights == claim.SHARP:
        rival = means[-1] * (sizes / sizes[-1]) ** (-1 / (d + 4))
        name = "slope $-1/(d+4)$: bound of the sharp cut" if d == 1 else None
        ax.plot(sizes, rival, "--", color=style.CONTROL, label=name)
