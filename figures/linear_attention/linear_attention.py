"""At high temperature attention is the mean of the tokens, then linear attention: each term of the
series leaves an error of the next order in 1/T."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import linear_attention as claim

SHADES = style.shades(style.MEASURED[0], 2)


def draw(judged):
    """Left: what is left of A H and of its slope in 1/T. Right: the response of samples at T."""
    figure, (series, sampled) = plt.subplots(1, 2, figsize=(style.WIDE, 3.2), width_ratios=(1.6, 1))
    draw_series(series, judged)
    draw_sampled(sampled, judged)
    return figure


def draw_series(ax, judged):
    curves, quantities = judged.curves, judged.quantities
    for quantity, key, name, colour, rival in (
        (claim.MEAN_ORDER, "mean", "$A H - E H$", SHADES[0], None),
        (claim.SLOPE_ORDER, "slope", "slope in $1/T$, $ + \\mathrm{Cov}(f, H)$", SHADES[1], 1.1),
    ):
        field = quantities[quantity]
        values, target = field.values[:, 0], curves[key]
        control = None if rival is None else size(values - rival * target)
        errors, order = size(values - target), judged.row(quantity).predicted
        style.order_axes(ax, field.steps, errors, order, colour=colour, name=name, control=control)
    style.name_control(ax, "rival: covariance\n10 % more", field.steps[-1], control[-1])
    ax.plot([], [], color=style.PREDICTED, lw=1, label="slope 1 only")
    ax.set(
        xlabel="inverse temperature $1/T$", ylabel="root mean square",
        title="what each term of the series leaves",
    )  # fmt: skip
    ax.legend(fontsize=7)


def draw_sampled(ax, judged):
    """Judged coefficients over the predicted: of both terms, extrapolated, and of samples at T."""
    t, n = judged.parameters.temperature, judged.parameters.n_tokens
    rows = [judged.row(q) for q in (claim.COVARIANCE, claim.SECOND, claim.SAMPLED)]
    for place, row in enumerate(rows):
        limit = row is not rows[-1]
        style.draw_row(ax, place, row, colour=style.MEASURED[0], scale=row.predicted, hollow=limit,
                       marker="D" if limit else "o")  # fmt: skip
        near = f"$\\pm$ {style.power_of_ten(row.half_width / abs(row.predicted))}"
        ax.annotate(near, (place, 1.0), (0, 6), textcoords="offset points", ha="center", fontsize=7)
    ax.axhline(1.0, color=style.PREDICTED, lw=1)
    for rival, side in ((1.1, "bottom"), (0.9, "top")):
        ax.axhline(rival, color=style.CONTROL, ls="--")
        style.name_control(ax, f"rivals: 10 % {'more' if rival > 1 else 'less'}", -0.4, rival,
                           va=side)  # fmt: skip
    for name, words in (("temperature 3 % off", "rival: $T$\n3 % off"),
                        ("first term alone: -1/T", "rival: first\nterm alone")):  # fmt: skip
        ratio = rows[-1].rivals[name].value / rows[-1].predicted
        ax.plot([1.7, 2.3], [ratio] * 2, ls="--", color=style.CONTROL)
        above = ratio > 1
        style.name_control(ax, words, 2, ratio, ha="center", va="bottom" if above else "top")
    names = ["first\nterm", "second\nterm", f"$N$ = {n:,}\n$T$ = {t:g}"]
    ax.set(
        xlim=(-0.5, 2.6), ylim=(0.87, 1.13), xlabel="what is judged", ylabel="coefficient over predicted",
        title="limits, and i.i.d. tokens",
    )  # fmt: skip
    ax.set_xticks(range(3), names)


def size(errors):
    """Root mean square over points, of summed squares over functions, (levels,)."""
    return np.sqrt((errors**2).sum(axis=2).mean(axis=1))
