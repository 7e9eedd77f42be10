"""The clock of attention to the k nearest tokens follows its Gamma functions down to k = 2, far
below the law of large k."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import normalisations as claim


def draw(judged):
    """Judged clocks over the law of large k, against k, for d = 1, 2, 3."""
    figure, ax = plt.subplots(figsize=(style.NARROW, 3.2))
    k = np.array(claim.NEIGHBOURS)
    for d, (manifold, _) in claim.NEAREST_MANIFOLDS.items():
        colour, law = style.colour(manifold_of(manifold, d)), judged.curves[f"large k, d = {d}"]
        rows = [judged.row(claim.nearest_clock(d, count)) for count in claim.NEIGHBOURS]
        ax.plot(k, [row.predicted for row in rows] / law, color=colour, lw=1)
        for count, row, unit in zip(k, rows, law, strict=True):
            name = f"measured, $d = {d}$" if count == k[0] else None
            style.draw_row(ax, count, row, colour=colour, label=name, scale=unit)
    ax.plot([], [], color=style.PREDICTED, lw=1, label="predicted (lines)")
    ax.axhline(1.0, color=style.CONTROL, ls="--")
    style.name_control(ax, "rival: law of large $k$", k[0], 1.0)
    ax.set_xscale("log")
    ax.set_xticks(k, [str(count) for count in k])
    ax.minorticks_off()
    ax.set(
        xlabel="number of keys $k$, the token itself counted",
        ylabel=r"clock over $r_k^2/(2(d+2))$",
        ylim=(0.0, 1.1),
        title=f"$N$ = {claim.NEAREST_TOKENS * judged.parameters.n_tokens:,} i.i.d. tokens",
    )
    ax.legend(loc="lower right", fontsize=7)
    return figure


def manifold_of(spec, dim):
    """The manifold's name as colours know it."""
    return f"flat_torus{dim}" if spec.startswith("flat_torus") else spec
