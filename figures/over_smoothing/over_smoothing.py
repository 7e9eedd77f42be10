"""Features collapse at the depth that the first eigenvalue predicts, with a residual connection
and with several heads too; as the temperature falls the depth is log(1/δ)/(λ₁ τ)."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import over_smoothing as claim

HEADS = ", ".join(f"{factor:g}" for factor in claim.LAYERS[claim.HEADS][0])
MARKS = "os^"
SHARE = claim.LAYERS[claim.RESIDUAL][1]
LABELS = {
    claim.ONE_HEAD: "one head",
    claim.RESIDUAL: f"residual, $(1-s)I + sA$, $s$ = {SHARE:g}",
    claim.HEADS: f"heads at ({HEADS}) $\\varepsilon$",
}


def draw(judged):
    """Left: spread of one sample against depth. Right: depth times eps and its judged limit."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(style.WIDE, 3.4))
    draw_spread(left, judged)
    draw_limits(right, judged)
    return figure


def draw_spread(ax, judged):
    """The spread of the features of one sample: points; mu^t of the layer: lines."""
    parameters, decay = judged.parameters, judged.curves["decay"]
    tints = style.shades(style.colour("sphere"), len(claim.LAYERS))
    for k, (colour, layer) in enumerate(zip(tints, claim.LAYERS, strict=True)):
        spread = judged.arrays[f"spread {k}"]
        layers = np.arange(len(spread))
        shown = slice(None, None, max(1, len(spread) // 14))
        ax.plot(layers, decay[k] ** layers, color=colour, lw=1)
        ax.plot(layers[shown], spread[shown], MARKS[k], ms=4, color=colour, label=LABELS[layer])
    ax.plot([], [], color=style.PREDICTED, lw=1, label=r"predicted $\mu_1^t$, $N = \infty$")
    ax.axhline(parameters.factor, color=style.CONTROL)
    delta = r"$\delta$ = " + style.power_of_ten(parameters.factor)
    ax.text(0, 1.3 * parameters.factor, delta, va="bottom", color=style.CONTROL, fontsize=8)
    ax.set(
        yscale="log",
        xlabel="depth $t$ (layers)",
        ylabel="spread of $A^t H$ over that of $H$",
        title=f"One sample, sphere, $N$ = {parameters.n_tokens:,}, "
        f"$\\varepsilon$ = {parameters.temperature:g}",
    )
    ax.legend(fontsize=7, loc="upper right")


def draw_limits(ax, judged):
    """Depth times eps on quadrature nodes, and the limit that samples see, over the predicted
    limit: one pair of rivals is that of all layers."""
    eps = judged.parameters.temperatures()
    # side by side in place of one upon the other; the legend says so
    shifts = np.linspace(-0.02, 0.02, len(claim.LAYERS)) * eps[0]
    tints = style.shades(style.colour("sphere"), len(claim.LAYERS))
    for k, (colour, layer) in enumerate(zip(tints, claim.LAYERS, strict=True)):
        row = judged.row(claim.limit("sphere", layer))
        depths = judged.arrays["sphere"][:, k] / row.predicted
        ax.plot(eps, depths, MARKS[k], ms=4, color=colour)
        style.draw_row(
            ax, shifts[k], row, colour=colour, marker="D", hollow=True, scale=row.predicted
        )
    ax.axhline(1.0, color=style.PREDICTED, lw=1, label="predicted limit of each layer")
    for rival, words in ((0.9, "10 % less"), (1.1, "10 % more")):
        ax.axhline(rival, color=style.CONTROL, ls="--")
        style.name_control(ax, f"rival of each: {words}", eps[0], rival, ha="right", va="top")
    ax.plot([], [], "o", ms=4, color=style.PREDICTED, label=r"measured, $N = \infty$")
    ax.plot(
        [],
        [],
        "D",
        ms=5,
        mfc="white",
        color=style.PREDICTED,
        label="at 0, offset for legibility:\nlimit seen by samples",
    )
    ax.set(
        xlabel=r"temperature $\varepsilon$",
        ylabel=r"depth of collapse $\cdot\,\varepsilon$, over its limit",
        title=r"Depth to $\delta$ = " + style.power_of_ten(judged.parameters.factor) + ", sphere",
    )
    ax.legend(fontsize=7, loc="lower left")
