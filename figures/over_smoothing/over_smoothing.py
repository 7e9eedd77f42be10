"""Features collapse at the depth that the first eigenvalue predicts, with a residual connection and
with several heads too; as the temperature falls the depth is log(1/delta)/(lambda_1 tau)."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import over_smoothing as claim

HEADS = ", ".join(f"{factor:g}" for factor in claim.LAYERS[claim.HEADS][0])
SHARE = claim.LAYERS[claim.RESIDUAL][1]
LABELS = {
    claim.ONE_HEAD: "one head",
    claim.RESIDUAL: f"residual, $(1-s)I + sA$, $s$ = {SHARE:g}",
    claim.HEADS: f"heads at ({HEADS}) $\\varepsilon$",
}


def draw(judged):
    """Left: spread of one sample against depth. Right: depth times eps and its judged limit."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.0, 3.3))
    draw_spread(left, judged)
    draw_limits(right, judged)
    return figure


def draw_spread(ax, judged):
    """The spread of the features of one sample: points; mu^t of the layer: lines."""
    parameters, decay = judged.parameters, judged.curves["decay"]
    for k, (colour, layer) in enumerate(zip(style.MEASURED, claim.LAYERS, strict=False)):
        spread = judged.arrays[f"spread {k}"]
        layers = np.arange(len(spread))
        shown = slice(None, None, max(1, len(spread) // 14))
        ax.plot(layers, decay[k] ** layers, color=colour, lw=1)
        ax.plot(layers[shown], spread[shown], "o", ms=3.5, color=colour, label=LABELS[layer])
    ax.plot([], [], color=style.PREDICTED, lw=1, label=r"predicted $\mu_1^t$, $N = \infty$")
    ax.axhline(parameters.factor, color=style.CONTROL, lw=0.8)
    ax.text(0, 1.3 * parameters.factor, r"$\delta$", va="bottom", color=style.CONTROL)
    ax.set(
        yscale="log",
        xlabel="depth $t$ (layers)",
        ylabel="spread of $A^t H$ over that of $H$",
        title=f"One sample, sphere, $N$ = {parameters.n_tokens}, "
        f"$\\varepsilon$ = {parameters.temperature:g}",
    )
    ax.legend(fontsize=7, loc="upper right")


def draw_limits(ax, judged):
    """Depth times eps on quadrature nodes; at 0 the limit that the samples see."""
    eps = judged.parameters.temperatures()
    for k, (colour, layer) in enumerate(zip(style.MEASURED, claim.LAYERS, strict=False)):
        row = judged.row(claim.limit("sphere", layer))
        ax.plot(eps, judged.arrays["sphere"][:, k], "o", ms=3.5, color=colour)
        style.draw_limit(ax, row, colour=colour)
        ax.axhline(row.predicted, color=colour, lw=1)
        for name, rival in row.rivals.items():
            if name.startswith("10 %"):
                ax.axhline(rival.value, color=style.CONTROL, ls="--", lw=0.8)
    ax.plot([], [], "o", ms=3.5, color=style.PREDICTED, label=r"measured, $N = \infty$")
    ax.plot([], [], "D", ms=5, mfc="white", color=style.PREDICTED, label="limit seen by samples")
    ax.plot([], [], color=style.PREDICTED, lw=1, label="predicted limit")
    ax.plot([], [], "--", color=style.CONTROL, lw=0.8, label="rivals: 10 % off")
    ax.set(
        xlabel=r"temperature $\varepsilon$",
        ylabel=r"depth of collapse $\cdot\,\varepsilon$",
        title=r"Depth to $\delta$ = " + f"{judged.parameters.factor:g}, sphere",
        ylim=(0, None),
    )
    ax.legend(fontsize=7, loc="lower left")
