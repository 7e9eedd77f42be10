"""At low temperature attention carries each query x to y*(x), with an error of order eps, and its
slope in eps is the predicted correction."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import globe, style
from theory.claims import transport as claim


def draw(judged):
    """Left: where queries on the sphere go. Right: errors of the map and of its correction."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.0, 3.4), width_ratios=(1, 1.15))
    draw_map(left, judged)
    draw_orders(right, judged)
    return figure


def draw_map(ax, judged):
    """Arrows from x to the measured A X at the lowest temperature, and y* as rings.

    Those that end on the front of the sphere; x may lie on its back.
    """
    field = judged.quantities[claim.MAP]
    t, p = field.coordinates.T
    start = np.stack([np.sin(t) * np.cos(p), np.sin(t) * np.sin(p), np.cos(t)], axis=1)
    moved, ends = field.values[-1, 0, :, :3], judged.curves["ends"]
    frame = globe.looking_from(ends[0] + ends[3], np.array([0.0, 0.0, 1.0]))
    globe.graticule(ax, frame)
    seen = (ends @ frame.T)[:, 2] > globe.FRONT
    x, y, z = ((v @ frame.T)[seen, :2] for v in (start, moved, ends))
    ax.quiver(*x.T, *(y - x).T, angles="xy", scale_units="xy", scale=1, width=0.006,
              color=style.MEASURED[0], zorder=2)  # fmt: skip
    ax.plot(
        *z.T, "o", ms=5, mfc="none", color=style.PREDICTED, label="predicted $y^*(x)$", zorder=3
    )
    wrong = (judged.curves["transposed"] @ frame.T)[seen]
    wrong = wrong[wrong[:, 2] > 0.1]
    ax.plot(*wrong[:, :2].T, "x", ms=4, color=style.CONTROL, label="rival: $W$ transposed")
    ax.plot(
        [],
        [],
        color=style.MEASURED[0],
        label=f"$x \\to A X$, $\\varepsilon$ = {field.steps[-1]:.2g}",
    )
    ax.set(aspect="equal", xlim=(-1.12, 1.12), ylim=(-1.6, 1.12))
    ax.axis("off")
    ax.legend(fontsize=7, loc="lower center", ncols=2)


def draw_orders(ax, judged):
    """L2 errors against eps; the correction of the general score, and mixed derivatives."""
    name, curves = judged.parameters.manifold, judged.curves
    for quantity, key, label, colour in (
        (claim.MAP, "map", "sphere: $A H - H(y^*)$", style.colour("sphere")),
        (claim.map_order(name), "general_map", f"{name}: $A H - H(y^*)$", style.colour(name)),
        (
            claim.slope_order(name),
            "slope",
            f"{name}: slope in $\\varepsilon$, less $C$",
            style.MEASURED[5],
        ),
    ):
        field, row = judged.quantities[quantity], judged.row(quantity)
        control = size(field.values[:, 0] - curves["mixed"]) if key == "slope" else None
        style.order_axes(ax, field.steps, size(field.values[:, 0] - curves[key]), row.predicted,
                         colour=colour, name=label, control=control)  # fmt: skip
    ax.plot([], [], "s--", ms=3, color=style.CONTROL, label="rival: chart and covariant mixed")
    ax.plot([], [], color="#444444", lw=1, label="slope 1 only")
    row = judged.row(claim.MAP)
    title = f"sphere: order {row.measured:.4f} [{row.ci_low:.4f}, {row.ci_high:.4f}]"
    ax.set(xlabel=r"temperature $\varepsilon$", ylabel="root mean square", title=title)
    ax.legend(fontsize=7)


def size(errors):
    """Root mean square over points, of summed squares over functions, (levels,)."""
    return np.sqrt((errors**2).sum(axis=2).mean(axis=1))
