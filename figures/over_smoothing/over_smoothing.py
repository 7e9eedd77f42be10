"""Features collapse at the depth that lambda_1 predicts, with a residual connection and with several heads too."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style

CLAIM = "spectrum"

KINDS = ("one head", r"residual, $(1-s) I + s A$, $s = 1/2$", r"three heads, $\varepsilon/2, \varepsilon, 3\varepsilon$")


def draw(result):
    """Spread of the features over its first value against the depth: sampled tokens as points, mu^t as a line."""
    a = result.arrays
    figure, ax = plt.subplots(figsize=(4.8, 3.3))
    for k, (colour, kind) in enumerate(zip(style.MEASURED, KINDS, strict=False)):
        spread, depth = a[f"spread_sample_{k}"], a["depth_samples"][:, k]
        layers = np.arange(len(spread))
        ax.plot(layers, a["depth_decay"][k] ** layers, color=colour)
        shown = slice(None, None, max(1, len(spread) // 14))
        ax.plot(layers[shown], spread[shown], "o", ms=3.5, color=colour, label=f"measured, {kind}")
        ax.errorbar(depth.mean(), 1e-6, xerr=style.half_width(depth), fmt="D", ms=4, color=colour, zorder=4)
    deepest = np.arange(int(a["depth_predicted"].max()) + 2)
    ax.plot(deepest, a["depth_decay"][0] ** (1.1 * deepest), "--", lw=1, color=style.CONTROL, label=r"control: $\lambda_1$ 10 % off, one head")
    ax.plot([], [], color=style.PREDICTED, label=r"predicted, $\mu_1^t$ of the layer (lines)")
    ax.plot([], [], "D", ms=4, color=style.PREDICTED, label="measured depth of collapse, all samples")
    ax.axhline(1e-6, color=style.CONTROL, lw=0.6)
    ax.set(yscale="log", ylim=(3e-7, 300), xlabel="depth $t$ (layers)", ylabel="spread of $A^t H$ over that of $H$")
    ax.set_yticks([1e-6, 1e-4, 1e-2, 1.0])
    ax.minorticks_off()
    ax.legend(fontsize=6.5, loc="upper right")
    return figure
