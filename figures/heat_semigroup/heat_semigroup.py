"""Doubly normalised attention is the heat semigroup whatever the density: a step function on a
trefoil and the heat kernel on the sphere, and the error against the number of tokens."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from simulations.verdict.fields import field_errors
from theory.claims import heat_semigroup as claim

KNOT, SPHERE = style.colour("space curve"), style.colour("sphere")

TICKS = (500, 2000, 8000)  # tokens


def draw(judged):
    """Left: f and its evolution. Middle: the heat kernel. Right: errors over N, with controls."""
    figure, (knot, sphere, errors) = plt.subplots(1, 3, figsize=(style.WIDE, 3.0))
    draw_knot(knot, judged)
    draw_sphere(sphere, judged)
    draw_errors(errors, judged)
    figure.legend(loc="outside lower center", ncols=2, fontsize=7)
    return figure


def draw_knot(ax, judged):
    """One sample of the first and of the last size, at the later time."""
    curves, place = judged.curves, len(claim.TIMES) - 1
    values = judged.quantities[claim.curve_order(claim.TIMES[place])].values
    ax.plot(curves["s"], curves["step"], ":", color=style.CONTROL, lw=1.0)
    ax.plot(curves["s"], curves[f"curve_{place}"], color=style.PREDICTED)
    order = np.argsort(curves["probe_s"])[::2]
    n = [judged.parameters.curve_sizes(claim.TIMES[place])[k][1] for k in (0, -1)]
    for k, colour in zip((0, -1), style.shades(KNOT, 2)[::-1], strict=True):
        ax.plot(curves["probe_s"][order], values[k, 0, order, 0], "o", ms=2.5, color=colour)
    style.name_control(ax, "$f$", 0.27, 1.0, ha="left", va="bottom")
    ax.set(
        xlabel="arc length $s$",
        ylabel="$A^k f$",
        title=f"trefoil, $T$ = {claim.TIMES[place]:g}\n$N$ = {n[0]:,} (light), {n[1]:,} (dark)",
    )


def draw_sphere(ax, judged):
    """One sample of the last size, against the angle to the source, and softmax's limit."""
    curves = judged.curves
    field = judged.quantities[claim.SPHERE_ORDER]
    ax.plot(curves["angle"], curves["kernel"], color=style.PREDICTED)
    n, angle = judged.parameters.sphere_sizes()[-1][1], curves["probe_angle"]
    ax.plot(angle[:, 0], curves["probe_drifting"][:, 0], "x", ms=3, color=style.CONTROL, mew=0.8)
    ax.plot(angle[:, 0], field.values[-1, 0, :, 0], "o", ms=2.5, color=SPHERE)
    style.name_control(ax, "crosses: softmax's\nlimit, rejected", 1.05, 0.45)
    ax.set(
        xlabel="angle to the source",
        ylabel="heat kernel",
        title=f"sphere, $T$ = {claim.SPHERE_TIME:g}\none sample of $N$ = {n:,}",
    )


def draw_errors(ax, judged):
    """Root mean square errors over N: means over samples with Student's interval."""
    rows = [
        (claim.SPHERE_ORDER, "probe_kernel", "probe_drifting", SPHERE, "s", "sphere"),
        *(
            (
                claim.curve_order(t),
                f"probes_{k}",
                f"rival_{k}",
                colour,
                "o",
                f"trefoil, $T$ = {t:g}",
            )
            for (k, t), colour in zip(enumerate(claim.TIMES), style.shades(KNOT, 2), strict=True)
        ),
    ]
    for name, key, rival, colour, mark, words in rows:
        field, row = judged.quantities[name], judged.row(name)
        n = 1 / field.steps
        found = field_errors(field, field.values, lambda u, key=key: judged.curves[key])
        wrong = field_errors(field, field.values, lambda u, rival=rival: judged.curves[rival])
        label = f"{words}: order {row.measured:.2f} [{row.ci_low:.2f}, {row.ci_high:.2f}]"
        logs = np.log(found)
        mean = np.exp(np.nanmean(logs, axis=1))
        spread = np.exp(np.nanstd(logs, axis=1))
        bars = [mean - mean / spread, mean * spread - mean]
        ax.errorbar(n, mean, yerr=bars, fmt=mark, ms=4, color=colour, label=label)
        slowest = mean[0] * (n / n[0]) ** -row.predicted
        ax.plot(n, slowest, color=colour, lw=0.8)
        ax.plot(n, np.nanmean(wrong, axis=1), "--", color=style.CONTROL, lw=1.0)
    ax.plot([], [], color=style.PREDICTED, lw=0.8, label="slowest allowed, $N^{-2/(d+6)}$")
    ax.plot(
        [],
        [],
        "--",
        color=style.CONTROL,
        label="against rivals: twice the time ($T$ = 0.5), softmax's limit",
    )
    style.thousands_axis(ax.xaxis, TICKS, "tokens $N$")
    style.log_axis(ax.yaxis)
    ax.set(
        ylabel="root mean square error",
        title="errors, with the scatter\nof one sample",
    )


def facts(judged):
    """What the footer says of the sizes."""
    p = judged.parameters
    sizes = p.curve_sizes(claim.TIMES[-1]), p.sphere_sizes()
    words = [f"N = {s[0][1]:,} to {s[-1][1]:,}" for s in sizes]
    return f"trefoil {words[0]}, sphere {words[1]}", "smaller sizes: up to eight times as many"
