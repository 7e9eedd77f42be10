"""From one normalisation to the next: drift coefficient over the sweeps of Sinkhorn and over alpha;
inside a window the clock crosses from softmax's to that of equal weights, and the drift stays."""

from __future__ import annotations

import matplotlib.pyplot as plt

from figures import style
from theory.claims import normalisations as claim

BALL = 6  # R^2 over the clock of equal weights in a window, in one dimension
COLOUR = style.colour(claim.CURVE)


def draw(judged):
    """Points of stratified tokens, with their intervals; lines predicted for that temperature."""
    figure, (sweeps, alphas, windows) = plt.subplots(1, 3, figsize=(style.WIDE, 3.0))
    draw_sweeps(sweeps, judged)
    draw_alphas(alphas, judged)
    draw_windows(windows, judged)
    handles = [
        plt.Line2D([], [], marker="o", ls="", ms=4, color=COLOUR),
        plt.Line2D([], [], color=COLOUR),
        plt.Line2D([], [], color=style.PREDICTED, ls=":"),
        plt.Line2D([], [], color=style.CONTROL, ls="--"),
    ]
    labels = ["measured, 99.9 %", "predicted", r"predicted limit $\varepsilon, R \to 0$", "control"]
    figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=7)
    return figure


def points(ax, places, rows, marker="o", scale=1.0):
    """Measured values with their intervals, rows (points, 3)."""
    value, low, high = scale * rows.T
    ax.errorbar(
        places, value, [value - low, high - value], fmt=marker, ms=4, color=COLOUR, zorder=3
    )


def draw_sweeps(ax, judged):
    a, curves = judged.arrays, judged.curves
    ax.plot(curves["sweeps"], curves["swept"], color=COLOUR)
    points(ax, claim.SWEEPS, a["swept"])
    for height, words, at in ((curves["swept"][0], "softmax", "bottom"), (1.0, "", "top")):
        ax.axhline(height, color=style.CONTROL, ls="--")
        ax.text(200, height + 0.02, words, ha="right", va=at, fontsize=7, color=style.CONTROL)
    ax.text(
        0,
        1.02,
        r"doubly stochastic, $\varepsilon \to 0$",
        va="bottom",
        fontsize=7,
        color=style.CONTROL,
    )
    ax.set_xscale("symlog", linthresh=1)
    ax.set(
        xlabel="sweeps of Sinkhorn", ylabel="drift coefficient $c$", title="Softmax to Sinkhorn",
        ylim=(0.85, 2.05), xlim=(-0.2, 200), xticks=[0, 1, 10, 100],
        xticklabels=["0", "1", "10", "100"],
    )  # fmt: skip


def draw_alphas(ax, judged):
    a, curves = judged.arrays, judged.curves
    ax.plot(curves["alphas"], curves["alpha_limit"], ":", color=style.PREDICTED)
    ax.plot(curves["alphas"], curves["alpha"], color=COLOUR)
    ax.plot(curves["alphas"], 2 - curves["alphas"], "--", color=style.CONTROL)
    ax.text(0.55, 1.62, r"$2 - \alpha$", fontsize=7, color=style.CONTROL)
    ax.text(0.62, 0.25, r"$2(1 - \alpha)$", fontsize=7, ha="right")
    points(ax, claim.BETWEEN_ALPHAS, a["alpha"])
    limits = {0.0: claim.SOFTMAX, 1.0: claim.DOUBLE} | {
        alpha: claim.alpha_name(alpha) for alpha in judged.parameters.alphas
    }
    for alpha, name in limits.items():
        row = judged.row(claim.drift_sampled(name))
        style.draw_row(ax, alpha, row, colour=COLOUR, marker="D", hollow=True)
    ax.plot([], [], "D", ms=4, mfc="white", color=COLOUR, label=r"$\varepsilon \to 0$, judged")
    ax.set(xlabel=r"$\alpha$", ylabel="drift coefficient $c$", title=r"Softmax to heat: $\alpha$")
    ax.legend(fontsize=7, loc="lower left", handletextpad=0.2)


def draw_windows(ax, judged):
    a, curves = judged.arrays, judged.curves
    ratios, (clock, drift) = curves["ratios"], curves["windowed"].T
    for line in (clock, drift):
        ax.plot(ratios, line, color=COLOUR)
    ax.plot(ratios, curves["windowed_limit"], ":", color=style.PREDICTED)
    free = BALL * ratios
    ax.plot(ratios[free < 2.1], free[free < 2.1], "--", color=style.CONTROL)
    ax.axhline(1.0, color=style.CONTROL, ls="--")
    points(ax, claim.WINDOW_RATIOS, a["window_clock"], scale=BALL)
    points(ax, claim.WINDOW_RATIOS, a["window_drift"], marker="s")
    ax.text(3, 1.9, "drift $c$", ha="right", va="top", fontsize=7)
    ax.text(3, 0.74, r"clock over $R^2/6$", ha="right", va="top", fontsize=7)
    ax.text(0.27, 1.3, "no window", fontsize=7, color=style.CONTROL)
    ax.text(3, 1.02, "equal weights", fontsize=7, color=style.CONTROL, ha="right")
    ax.set(
        xscale="log", xlabel=r"temperature over $R^2$", ylabel="clock, drift", ylim=(0, 2.15),
        title="Softmax to a window", xticks=[0.1, 1], xticklabels=["0.1", "1"],
    )  # fmt: skip


def facts(judged):
    """The crossovers have tokens of their own."""
    return (
        f"here {claim.CURVE}, {claim.BETWEEN_SEEDS} samples of {claim.BETWEEN_TOKENS} "
        f"stratified tokens, ε = {claim.BETWEEN_TEMPERATURE:g}",
        f"window R = {claim.BETWEEN_RADIUS:g}",
    )
