"""The variance of A H(x) over samples is the predicted one."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from figures.generator import manifold_names

CLAIM = "generator"


def draw(result):
    """Measured variance over the expected one, and the expected one over its law as eps -> 0."""
    names = manifold_names(result)
    figure, ax = plt.subplots(figsize=(4.6, 3.1))
    eps = result.parameters["temperature"]
    for k, (colour, name) in enumerate(zip(style.MEASURED, names, strict=False)):
        law, ratio = result.arrays[f"{name}_noise_law"], result.arrays[f"{name}_noise_ratio"]
        ax.plot(eps / 2.0 ** np.arange(len(law)), law, color=colour, lw=1)
        ax.errorbar(eps * 1.04**k, ratio.mean() * law[0], style.half_width(ratio) * law[0], fmt="o", ms=4, color=colour,
                    label=f"measured, {style.label(name)}")  # fmt: skip
    ax.axhline(1.0, color=style.PREDICTED, lw=1, label=r"law $\varepsilon |\nabla H|^2 (8\pi\varepsilon)^{-d/2}/(N p)$")
    ax.plot([], [], color="k", lw=0.8, alpha=0.5, label=r"predicted at $\varepsilon > 0$ (lines in colour)")
    ax.axhline(1.2, color=style.CONTROL, ls="--", label="control: 20 % more")
    style.log_axis(ax.xaxis)
    ax.set(xlabel=r"temperature $\varepsilon$", ylabel=r"Var$[A H(x)]$ over its law", title="Sampling noise of attention")
    ax.legend(fontsize=7)
    return figure
