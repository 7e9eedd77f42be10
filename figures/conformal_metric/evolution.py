"""H after many steps of attention, and by wrong equations, each less H by the heat equation under
the new metric."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import conformal_metric as claim

RIVALS = {"unit heat capacity": "v", "drift 1": "^", "10 % more": "x", "10 % less": "+"}


def draw(judged):
    """A panel a manifold: every probe a point of each kind."""
    cases = judged.parameters.evolved_cases()
    if not cases:
        figure, ax = plt.subplots(figsize=(style.NARROW, 1.0))
        ax.set_axis_off()
        ax.text(0.5, 0.5, "no manifold of this run is evolved", ha="center", va="center")
        return figure
    width = style.WIDE if len(cases) > 1 else style.NARROW
    figure, axes = plt.subplots(1, len(cases), figsize=(width, 3.2), squeeze=False)
    for ax, case in zip(axes[0], cases, strict=True):
        draw_differences(ax, judged, case)
    axes[0, 0].set_ylabel(r"$H$ less $H$ by the heat equation under $\bar g$")
    axes[0, -1].legend(fontsize=7, markerscale=1.4)
    return figure


def draw_differences(ax, judged, case):
    """Attention at the smallest temperature, and the wrong equations, against the right one."""
    field = judged.quantities[claim.evolved(case.name)]
    right = judged.curves[f"{case.name}: right"]
    ax.axhline(0.0, color=style.PREDICTED, zorder=1)
    for rival, marker in RIVALS.items():
        wrong = judged.curves[f"{case.name}: {rival}"] - right
        ax.plot(right, wrong, marker, ms=3, mew=0.6, color=style.CONTROL, label=f"rival: {rival}")
    attention = field.values[-1, 0, :, 0] - right
    label = f"$A^k H$, $k$ = {case.steps[-1]}"
    colour = style.colour(case.manifold.name)
    ax.plot(right, attention, "o", ms=3.5, color=colour, label=label, zorder=3)
    largest = np.abs(attention).max() / np.ptp(right)
    ax.set(
        xlabel=r"$H$ by the heat equation under $\bar g$",
        title=f"{style.label(case.manifold.name)}, $d$ = {case.manifold.dim}: "
        f"within {100 * largest:.1f} % of its range",
    )
