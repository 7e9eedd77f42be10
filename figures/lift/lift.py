"""Attention between lifted tokens has the drift coefficient 2 on a surface, wrong lifts have 4 and
0; its generator tends to L H/4, and those of the wrong lifts do not."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from simulations.verdict.fields import field_errors
from theory.claims import lift as claim

RIGHT = "the lift"
MARKERS = {claim.QUERY: "s", claim.KEY: "v", claim.TOKENS: "^", claim.EMBEDDING: "x"}
LABELS = {
    claim.QUERY: r"$\rho(x)^2$ of the query",
    claim.KEY: r"$\rho(y)^2$ of the key",
    claim.TOKENS: r"tokens $x \sim p$",
    claim.EMBEDDING: r"plain embedding",
}


def draw(judged):
    """On the first manifold. Left: drift coefficients. Right: distance of the generator."""
    case = judged.parameters.cases()[0]
    figure, (left, right) = plt.subplots(1, 2, figsize=(style.WIDE, 3.4))
    draw_drifts(left, judged, case)
    draw_generator(right, judged, case)
    figure.suptitle(f"Lift of the {style.label(case.manifold.name)} to $M \\times S^1$", fontsize=9)
    return figure


def draw_drifts(ax, judged, case):
    """Drift coefficients against the temperature, their limits, and that of i.i.d. tokens."""
    eps = judged.parameters.temperatures()
    rows = {RIGHT: judged.row(claim.drift(case.name))} | {
        lift: judged.row(claim.wrong_drift(case.name, lift)) for lift in claim.WITH_DRIFT
    }
    for lift, row in rows.items():
        own = lift == RIGHT
        colour = style.colour(case.manifold.name) if own else style.CONTROL
        values = judged.arrays[f"{case.name} {lift}: drift"]
        marker, label = MARKERS.get(lift, "o"), LABELS.get(lift, r"lift: $\rho(x) \rho(y)$")
        ax.plot(eps, values, marker, ms=4, mfc="white", color=colour, label=label, zorder=3)
        curve = np.polynomial.Polynomial.fit(eps, values, len(eps) - 1)
        grid = np.linspace(0, eps[0], 100)
        ax.plot(grid, curve(grid), lw=0.8, color=colour, alpha=0.6)
        style.draw_limit(ax, row, colour=colour)
        ax.axhline(row.predicted, color=style.PREDICTED, lw=0.8, ls="-" if own else ":", zorder=1)
    top, base = rows[claim.QUERY].predicted, rows[claim.KEY].predicted
    style.name_control(ax, f"rival: {LABELS[claim.QUERY]}", 0.03 * eps[0], top - 0.3, va="top")
    style.name_control(ax, "rivals: the key's alone, tokens $x \\sim p$", 0.03 * eps[0], base + 0.1)
    sampled = judged.row(claim.drift_sampled(case.name))
    colour = style.colour(case.manifold.name)
    style.draw_row(ax, 1.04 * eps[0], sampled, colour=colour, label="i.i.d. tokens (offset)")
    ax.plot([], [], "D", ms=5, mfc="white", color=style.CONTROL, label="extrapolated")
    ax.plot([], [], color=style.PREDICTED, lw=0.8, label="predicted: 2 (rivals 4, 0, 0)")
    ax.set(xlabel=r"temperature $\varepsilon$", ylabel="drift coefficient")
    ax.legend(fontsize=7, ncols=2, loc="upper center", bbox_to_anchor=(0.45, -0.18))


def draw_generator(ax, judged, case):
    """Root mean squares over the probes of (A - I)H/eps less L H/4."""
    row, field = judged.row(claim.bias(case.name)), judged.quantities[claim.bias(case.name)]
    limit = judged.curves[f"{case.name}: L H/4"]

    def distance(values):
        return field_errors(field, values, lambda u: limit)[:, 0]

    colour = style.colour(case.manifold.name)
    style.order_axes(
        ax, field.steps, distance(field.values), row.predicted, colour=colour, name="the lift"
    )
    for lift, values in field.wrong_methods.items():
        ax.plot(
            field.steps,
            distance(values),
            f"{MARKERS[lift]}--",
            ms=4,
            mfc="white",
            color=style.CONTROL,
            label=LABELS[lift],
        )
    ax.plot([], [], color=colour, label="slope 1 only")
    ax.set(
        xlabel=r"temperature $\varepsilon$",
        ylabel=r"$\|(A - I)H/\varepsilon - L H/4\|$",
        title=f"order {row.measured:.3f} [{row.ci_low:.3f}, {row.ci_high:.3f}]",
    )
    ax.legend(fontsize=7, ncols=2, loc="upper center", bbox_to_anchor=(0.45, -0.18))
