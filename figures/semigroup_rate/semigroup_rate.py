"""The largest error of iterated attention, over tokens and off them, falls at least as fast as
N^(-2/(d+6)), for smooth features and for a step function; against the equation of the other
normalisation it stalls."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from simulations.verdict.fields import field_errors
from theory.claims import semigroup_rate as claim

COLOUR = {
    claim.SOFTMAX: style.MEASURED[0],
    claim.DOUBLE: style.MEASURED[1],
    claim.SINKHORN: style.MEASURED[2],
}
EQUATIONS = {claim.SOFTMAX: 2, claim.DOUBLE: 0}  # the drift of each, as the legend says it
MARK = {claim.SMOOTH: "o", claim.STEP: "s"}
OTHER = {claim.SOFTMAX: claim.DOUBLE, claim.DOUBLE: claim.SOFTMAX}
SHORT = {claim.OFF: "off tokens", claim.AT: "tokens"}


def draw(judged):
    """Above: largest errors off the tokens against N. Below: every judged order with its interval."""
    figure, panels = plt.subplots(
        2, 3, figsize=(style.WIDE, 6.2), sharey="row", height_ratios=(1, 1.25)
    )
    for (top, bottom), d in zip(panels.T, claim.DIMENSIONS, strict=True):
        draw_errors(top, judged, d)
        draw_orders(bottom, judged, d)
    panels[0, 0].set_ylabel("largest error off the tokens,\nmax of $|A^k H - e^{TL} H|$")
    names = [name for name, _ in judged_rows(1)]
    panels[1, 0].set_yticks(range(len(names)), names, fontsize=style.SMALL)
    panels[1, 0].set_ylim(len(names) - 0.4, -0.6)
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    words = panels[1, 1].text(
        -0.08, 9.5, sinkhorn_words(judged), fontsize=style.SMALL, va="center", bbox=box, zorder=5
    )
    words.set_in_layout(False)
    figure.legend(handles=legend(), loc="outside lower center", ncols=2, fontsize=7)
    return figure


def draw_errors(ax, judged, d):
    """Geometric means over the samples, the slope of the bound, and the
    errors against the equation of the other normalisation."""
    sizes = np.array([n for _, n in judged.parameters.sizes(d)])
    for attention in claim.ATTENTIONS:
        for features in claim.FEATURES:
            field = judged.quantities[claim.rate(d, attention, features, claim.OFF)]
            colour, mark = COLOUR[attention], MARK[features]
            errors = of_equation(judged, field, d, attention, features)
            smooth = features == claim.SMOOTH
            face = colour if smooth else "white"
            ax.plot(sizes, errors, mark, ms=4.5, mfc=face, color=colour, zorder=3)
            # through the first point: what falls faster lies below
            line = errors[0] * (sizes / sizes[0]) ** (-2 / (d + 6))
            ax.plot(sizes, line, color=style.PREDICTED, lw=0.8)
            wrong = of_equation(judged, field, d, OTHER[attention], features)
            ax.plot(sizes, wrong, mark, ls="--", ms=3, mfc="white", color=style.CONTROL)
    style.thousands_axis(ax.xaxis, sizes, "$N$")
    style.log_axis(ax.yaxis)
    ax.set_title(f"$d$ = {d}, {style.label(claim.MANIFOLDS[d])}", fontsize=8)


def of_equation(judged, field, d, attention, features) -> np.ndarray:
    """Geometric means of the largest errors against the equation of an attention, (levels,)."""
    heights, values = judged.curves["heights"], judged.curves[f"{d} {attention} {features}"]
    errors = field_errors(
        field, field.values, lambda u: np.interp(claim.height(d, u), heights, values), "sup"
    )
    return np.exp(np.log(errors).mean(axis=1))


def judged_rows(d: int) -> list[tuple[str, str]]:
    """(name, quantity) of the orders of a dimension, from the top of the panel."""
    rows = [
        (f"{attention}, {features}, {SHORT[place]}", claim.rate(d, attention, features, place))
        for attention in claim.ATTENTIONS
        for features in claim.FEATURES
        for place in claim.PLACES
    ]
    sinkhorn = [
        (f"Sinkhorn to {tolerance:g}, {features}", claim.sinkhorn_rate(tolerance, features))
        for tolerance in (claim.STOPPED, claim.CONVERGED)
        for features in claim.FEATURES
    ]
    return rows + (sinkhorn if d == 1 else [])


def draw_orders(ax, judged, d):
    """The judged orders, the bound below which an interval would refute, and the rivals'."""
    for place, (name, quantity) in enumerate(judged_rows(d)):
        row = judged.row(quantity)
        colour = COLOUR[next(a for a in COLOUR if name.startswith(a))]
        style.draw_row(ax, place, row, colour=colour, horizontal=True)
        for rival in row.rivals.values():
            ax.plot(rival.value, place, "x", ms=4.5, color=style.CONTROL)
    bound = 2 / (d + 6)
    ax.axvline(bound, color=style.PREDICTED, lw=1)
    ax.axvline(0, color=style.CONTROL, ls="--")
    ax.set(xlabel="order in $1/N$", xlim=(-0.1, 0.75))
    ax.set_title(f"at least 2/(d+6) = {bound:.3f}", fontsize=8)


def sinkhorn_words(judged) -> str:
    """What the early stop of Sinkhorn changes, in numbers."""
    row, (value, low, high) = judged.row(claim.APART), judged.arrays["sinkhorn_order_difference"]
    return (
        "Sinkhorn: stopped at $10^{-3}$\nand $10^{-12}$, smooth $H$,\n"
        f"difference $10^{{{-row.measured:.2f}}}$ of the\nerror at the largest $N$, of\n"
        f"orders {value:.4f} $\\pm$ {(high - low) / 2:.4f}"
    )


def legend():
    """What marks and lines are."""
    grey, black = style.CONTROL, style.PREDICTED
    marks = {"ls": "", "ms": 4.5}
    named = [
        plt.Line2D([], [], marker="o", **marks, color=COLOUR[a], label=f"{a}, less the equation with drift {c}")
        for a, c in EQUATIONS.items()
    ]  # fmt: skip
    return [
        *named,
        plt.Line2D([], [], marker="s", **marks, mfc="white", color=black,
                   label="open square: step function; disc: smooth $H$"),
        plt.Line2D([], [], color=black, lw=1,
                   label="above: slope only, the slowest fall allowed; below: the bound"),
        plt.Line2D([], [], marker="o", ms=3, mfc="white", ls="--", color=grey,
                   label="rival: the other one's equation"),
        plt.Line2D([], [], marker="x", **marks, color=grey,
                   label="order against rival equations"),
    ]  # fmt: skip


def facts(judged):
    """The density and the sizes."""
    p = judged.parameters
    most = max(n for d in claim.DIMENSIONS for _, n in p.sizes(d))
    return (f"p ~ exp({p.tilt:g} x₁), N up to {most:,}, ε = T/k",)
