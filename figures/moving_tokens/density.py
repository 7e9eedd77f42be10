"""The density that moving tokens carry along needs |H⃗|² beside the backward heat equation."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import moving_tokens as claim


def draw(judged):
    """d log p/dt following a token, against the chart of the first curve or torus of the run."""
    figure, ax = plt.subplots(figsize=(style.NARROW, 3.2))
    names = [n for n in judged.parameters.manifolds if f"{n}_density" in judged.curves]
    ax.set(ylabel=r"$d \log p/dt$ following a token", xlabel="chart")
    if not names:
        ax.set_title("No manifold of this run is differentiated")
        return figure
    name = names[0]
    field = judged.quantities[claim.density_rate(name)]
    u, rates = field.coordinates, field.values[:, 0, :, 0]
    # of a surface, the tokens along its last axis
    run = np.flatnonzero(np.isclose(u[:, 0], u[0, 0])) if u.shape[1] > 1 else np.arange(len(u))
    t = u[run, -1]
    ax.plot(
        t, judged.curves[f"{name}_density"][run], color=style.PREDICTED,
        label=r"predicted |$\vec H$|$^2 - 2\,\Delta \log p$",
    )  # fmt: skip
    ax.plot(
        t, judged.curves[f"{name}_density_flat"][run], "--", color=style.CONTROL,
        label=r"rival $-2\,\Delta \log p$",
    )  # fmt: skip
    few = slice(None, None, max(1, len(t) // 40))
    for level, marker in ((0, "s"), (-1, "o")):
        ax.plot(
            t[few], rates[level, run][few], marker, ms=3.5, mfc="white" if level == 0 else None,
            color=style.colour(name), label=rf"measured, $\varepsilon$ = {field.steps[level]:.2g}",
        )  # fmt: skip
    ax.set(xlabel=f"${'t' if u.shape[1] == 1 else 'v'}$, along the {style.label(name)}")
    ax.set_title("Bending thickens the density")
    style.angle_axis(ax.xaxis)
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.12 * (high - low))
    ax.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.52, 1.0))
    return figure
