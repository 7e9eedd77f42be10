"""Attention measures the exponents of the new metric and of its heat capacity; repeated, it tends
to the heat equation under that metric, and to no other."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from simulations.verdict.fields import field_errors
from theory.claims import conformal_metric as claim

RIVALS = ("unit heat capacity", "drift 1", "10 % more", "10 % less")


def draw(judged):
    """Left: the judged exponents. Right: the distance of A^k H from the right and wrong
    equations."""
    cases = judged.parameters.evolved_cases()
    figure, axes = plt.subplots(1, 2 if cases else 1, figsize=(style.WIDE, 3.2), squeeze=False)
    draw_exponents(axes[0, 0], judged)
    if cases:
        draw_orders(axes[0, 1], judged, cases[0])
    return figure


def draw_exponents(ax, judged):
    """The exponents of every manifold, times the sign of the metric's or of the capacity's."""
    kinds = (
        (claim.metric, "D", r"$a$ of $\bar g = p^a g$, $N = \infty$"),
        (claim.metric_sampled, "o", "$a$, i.i.d. keys"),
        (claim.capacity, "s", r"$m$ of the heat capacity $p^m$, $N = \infty$"),
        (claim.capacity_sampled, "^", "$m$, i.i.d. keys"),
    )
    cases, names = judged.parameters.cases(), []
    for place, case in enumerate(cases):
        for k, (name, marker, _) in enumerate(kinds):
            row = judged.row(name(case.name))
            style.draw_row(
                ax,
                place + 0.2 * (k - 1.5),
                row,
                colour=style.colour(case.manifold.name),
                marker=marker,
                horizontal=True,
                hollow=True,
                scale=np.sign(row.predicted),
            )
        a = judged.row(claim.metric(case.name)).predicted
        span = [place - 0.45, place + 0.45]
        ax.plot([abs(a)] * 2, span, color=style.PREDICTED)
        for wrong in (0.9 * abs(a), 1.1 * abs(a)):
            ax.plot([wrong] * 2, span, "--", color=style.CONTROL)
        order = "$m < 0 < a$" if a > 0 else "$a < 0 < m$"
        names.append(f"{style.label(case.manifold.name)}\n{order}")
    for _, marker, label in kinds:
        ax.plot([], [], marker, ms=4, mfc="white", color=style.CONTROL, label=label)
    ax.plot([], [], color=style.PREDICTED, label="predicted, 4/|$d$ $-$ 2|")
    ax.plot([], [], "--", color=style.CONTROL, label="rivals: 10 % off")
    ax.set_yticks(range(len(cases)), names)
    ax.set(xlabel="measured exponents |$a$| and |$m$|", title=r"$L = p^{-m} \Delta_{\bar g}$")
    ax.set_ylim(len(cases) - 0.4, -0.6)
    ax.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.4, -0.2), ncols=2)


def draw_orders(ax, judged, case):
    """Root mean squares over the probes of A^k H less the solution of each equation."""
    field, row = judged.quantities[claim.evolved(case.name)], judged.row(claim.evolved(case.name))

    def distance(equation):
        values = judged.curves[f"{case.name}: {equation}"][:, None]
        return field_errors(field, field.values, lambda u: values)[:, 0]

    name = r"$A^k H$ less heat equation under $\bar g$"
    colour = style.colour(case.manifold.name)
    style.order_axes(ax, field.steps, distance("right"), row.predicted, colour=colour, name=name)
    for rival in RIVALS:
        errors = distance(rival)
        ax.plot(field.steps, errors, "s--", ms=3, color=style.CONTROL)
        if rival != "10 % less":
            ax.annotate(
                rival.replace("10 % more", "10 % more, 10 % less"),
                (field.steps[-1], errors[-1]),
                xytext=(0, 4),
                textcoords="offset points",
                fontsize=7,
                color=style.CONTROL,
            )
    ax.plot([], [], "s--", ms=3, color=style.CONTROL, label="less rival equations")
    ax.plot([], [], color=colour, label="slope 1 only")
    ax.set(
        xlabel=r"temperature $\varepsilon$, $k \varepsilon$ fixed",
        ylabel="distance in $L^2$",
        title=f"{style.label(case.manifold.name)}: order {row.measured:.3f} "
        f"[{row.ci_low:.3f}, {row.ci_high:.3f}]",
    )
    ax.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -0.2))
