"""At high temperature attention is the mean of the tokens, then linear attention: each term of the
series leaves an error of the next order in 1/T."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import linear_attention as claim


def draw(judged):
    """Left: what is left of A H and of its slope in 1/T. Right: the response of samples at T."""
    figure, (series, sampled) = plt.subplots(1, 2, figsize=(7.0, 3.2), width_ratios=(1.6, 1))
    draw_series(series, judged)
    draw_sampled(sampled, judged)
    return figure


def draw_series(ax, judged):
    curves, quantities = judged.curves, judged.quantities
    for quantity, key, name, colour, rival in (
        (claim.MEAN_ORDER, "mean", "$A H - E H$", style.MEASURED[0], None),
        (claim.SLOPE_ORDER, "slope", "slope $ + \\mathrm{Cov}(f, H)$", style.MEASURED[1], 1.1),
    ):
        field = quantities[quantity]
        values, target = field.values[:, 0], curves[key]
        control = None if rival is None else size(values - rival * target)
        errors, order = size(values - target), judged.row(quantity).predicted
        style.order_axes(ax, field.steps, errors, order, colour=colour, name=name, control=control)
    ax.plot([], [], "s--", ms=3, color=style.CONTROL, label="rival: covariance 10 % more")
    ax.plot([], [], color="#444444", lw=1, label="slope 1 only")
    first, second = judged.row(claim.COVARIANCE), judged.row(claim.SECOND)
    ax.set(
        xlabel="inverse temperature $1/T$",
        ylabel="root mean square",
        title=f"coefficients {first.measured:.4f} and {second.measured:.4f} (predicted $-1$, 1/2)",
    )
    ax.legend(fontsize=7)


def draw_sampled(ax, judged):
    row, t = judged.row(claim.SAMPLED), judged.parameters.temperature
    style.draw_row(ax, 0.0, row, colour=style.MEASURED[0], scale=row.predicted)
    ax.axhline(1.0, color=style.PREDICTED, lw=1, label="predicted at this $T$")
    for (name, rival), ls in zip(
        row.rivals.items(), ("--", "--", "-.", ":", (0, (5, 1))), strict=False
    ):
        if abs(rival.value / row.predicted - 1) < 0.08:
            ax.axhline(
                rival.value / row.predicted, color=style.CONTROL, ls=ls, label=f"rival: {name}"
            )
    ax.set(
        xlim=(-1, 1), xticks=[], xlabel="i.i.d. tokens",
        ylabel="response over predicted", title=f"$T$ = {t:g}, $N$ = {judged.parameters.n_tokens}",
    )  # fmt: skip
    low, high = ax.get_ylim()
    ax.set_ylim(low - 0.5 * (high - low), high)
    ax.legend(fontsize=7, loc="lower center")


def size(errors):
    """Root mean square over points, of summed squares over functions, (levels,)."""
    return np.sqrt((errors**2).sum(axis=2).mean(axis=1))
