"""Pure self-attention loses rank doubly exponentially: no network leaves more than the bound ρ_L ≤ ρ_0^(3^L),
and all are with skip connections (shaded); as the tokens become equal, the residual of random networks
falls with just these exponents; on the same weights and tokens Sinkhorn's normalisation leaves less of it
than softmax, layer by layer."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator, NullFormatter

from figures import style
from theory.claims import rank_collapse as claim

SHADES = style.shades(style.MEASURED[0], len(claim.FOLLOWED))


def draw(judged):
    """Left: against the bound. Middle: exponents as r_0 -> 0. Right: softmax less Sinkhorn."""
    figure, (bound, slopes, paired) = plt.subplots(1, 3, figsize=(style.WIDE, 2.9))
    draw_bound(bound, judged)
    draw_slopes(slopes, judged)
    draw_sinkhorn(paired, judged)
    return figure


def draw_bound(ax, judged):
    """log rho_L/log rho_0: the smallest of all networks, their range, and with skip connections."""
    curves, depths = judged.curves, np.array(claim.LAYERS)
    ax.plot(curves["depths"], curves["bound"], color=style.PREDICTED, lw=1, label="bound $3^L$")
    ax.plot(curves["depths"], curves["rival"], "--", color=style.CONTROL)
    style.name_control(ax, "rival: $4^L$", 2.9, 4.0**3.4, ha="right")
    ax.fill_between(curves["depths"], 0.3, curves["bound"], color=style.CONTROL, alpha=0.12, lw=0)
    least = [judged.row(claim.bound(k)).measured for k in claim.LAYERS]
    # (quartile, shape, arm, layer)
    most = judged.arrays["ratios"][2, :, 0].max(axis=0)
    ax.errorbar(
        depths, least, yerr=[np.zeros(len(depths)), most - least], fmt="o", ms=4,
        color=style.MEASURED[0], label="smallest, and range", zorder=3,
    )  # fmt: skip
    ax.plot(
        depths, judged.arrays["most"], "s", ms=4, color=style.MEASURED[1], mfc="white",
        label="with skip, largest",
    )  # fmt: skip
    style.name_control(ax, "bound violated", 4.9, 2.2, ha="right", va="bottom")
    ax.set(
        yscale="log", ylim=(0.3, 60_000), xlabel="layers $L$",
        ylabel=r"$\log \rho_L\,/\,\log \rho_0$", title="against the bound",
    )  # fmt: skip
    ax.legend(fontsize=style.SMALL, loc="upper left")


def draw_slopes(ax, judged):
    """How far the exponents of random networks are from 3^L, relative to it, as r_0 falls."""
    sizes = judged.arrays["slope_sizes"]
    for layers, colour in zip(claim.FOLLOWED, SHADES, strict=True):
        values = judged.arrays["slopes"][:, :, layers - 1]
        row = judged.row(claim.exponent(layers))
        away = np.abs(values - row.predicted) / row.predicted
        place = sizes * 1.09 ** (layers - 2)  # side by side
        ax.plot(place, away.T, "o", ms=2.5, color=colour, alpha=0.7)
        limit = f"$L$ = {layers}, $\\to$ {row.measured:.4f}"
        ax.plot([], [], "o", ms=3, color=colour, label=limit)
    ax.axhline(0.1, ls="--", color=style.CONTROL)
    style.name_control(ax, "rival: 10 % off", sizes[-1], 0.1)
    ax.set(
        xscale="log", yscale="log", ylim=(1e-10, 1e4), xlabel="residual of the tokens $r_0$",
        ylabel="exponent of $r_L$ in $r_0$, relative error", title=f"{len(values)} networks: to $3^L$",
    )  # fmt: skip
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.legend(fontsize=style.SMALL, loc="upper left")


def draw_sinkhorn(ax, judged):
    """Mean paired differences with their intervals, after each layer; those of the last are judged."""
    ax.axhline(0.0, ls="--", color=style.CONTROL)
    style.name_control(ax, "rival: no difference", 1.2, -0.05, va="top")
    layers = np.arange(1, claim.DEPTH + 1)
    for place, spread in enumerate(claim.SPREADS):
        for which, marker in enumerate("os"):
            value, low, high = judged.arrays[f"differences_{place}"][which].T
            name = ("residual", "over norm")[which]
            ax.errorbar(
                layers + 0.08 * (2 * place + which - 1.5), value, yerr=[value - low, high - value],
                fmt=marker, ms=4, color=style.MEASURED[place], mfc=None if which == 0 else "white",
                label=f"{name}, scores {spread:g}",
            )  # fmt: skip
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set(
        xlabel="layers $L$", ylabel=r"$\log r_L$, softmax less Sinkhorn",
        title="same weights and tokens", ylim=(-0.5, 4.6),
    )  # fmt: skip
    ax.legend(fontsize=style.SMALL, loc="upper left")


def facts(judged):
    """Networks, and where they start."""
    p = judged.parameters
    count = p.n_networks * len(claim.SHAPES)
    return (f"{count:,} networks from ρ₀ = {p.start:g}",)
