"""At low temperature attention carries each query x to y*(x), with an error of order ε, and its
slope in ε is the predicted correction."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import globe, style
from theory.claims import transport as claim

SHOWN = 10  # arrows: more of them tangle


def draw(judged):
    """Left: where queries on the sphere go. Right: errors of the map and of its correction."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(style.WIDE, 3.4), width_ratios=(1, 1.15))
    draw_map(left, judged)
    draw_orders(right, judged)
    return figure


def draw_map(ax, judged):
    """Arrows from x to the measured A X at the lowest temperature, and y* as rings.

    Those that start and end on the front of the sphere.
    """
    field = judged.quantities[claim.MAP]
    t, p = field.coordinates.T
    start = np.stack([np.sin(t) * np.cos(p), np.sin(t) * np.sin(p), np.cos(t)], axis=1)
    moved, ends = field.values[-1, 0, :, :3], judged.curves["ends"]
    frame = best_view(start, ends)
    globe.graticule(ax, frame)
    seen = np.minimum(ends @ frame.T, start @ frame.T)[:, 2] > globe.FRONT
    seen &= np.cumsum(seen) <= SHOWN
    x, y, z = ((v @ frame.T)[seen, :2] for v in (start, moved, ends))
    ax.quiver(*x.T, *(y - x).T, angles="xy", scale_units="xy", scale=1, width=0.006,
              color=style.colour("sphere"), zorder=2)  # fmt: skip
    ax.plot(*x.T, "o", ms=3, color=style.colour("sphere"), label="query $x$")
    ax.plot(
        *z.T, "o", ms=5, mfc="none", color=style.PREDICTED, label="predicted $y^*(x)$", zorder=3
    )
    wrong = (judged.curves["transposed"] @ frame.T)[seen]
    wrong = wrong[wrong[:, 2] > 0.1]
    ax.plot(*wrong[:, :2].T, "x", ms=4, color=style.CONTROL, label="rival: $W$ transposed")
    ax.plot(
        [],
        [],
        color=style.colour("sphere"),
        label=f"$x \\to A X$, $\\varepsilon$ = {field.steps[-1]:.2g}",
    )
    ax.set(aspect="equal", xlim=(-1.12, 1.12), ylim=(-1.6, 1.12))
    ax.axis("off")
    ax.legend(fontsize=7, loc="lower center", ncols=2)


def best_view(start, ends):
    """The frame, looking onto the middle of an arrow, in which most arrows are in front."""
    up = np.array([0.0, 0.0, 1.0])
    frames = [globe.looking_from(middle, up) for middle in start + ends]
    lowest = [np.minimum(start @ f[2], ends @ f[2]) for f in frames]
    return frames[np.argmax([(z > globe.FRONT).sum() for z in lowest])]


def draw_orders(ax, judged):
    """L2 errors against eps; the correction of the general score, and mixed derivatives."""
    name, curves = judged.parameters.manifold, judged.curves
    for quantity, key, label, colour in (
        (claim.MAP, "map", "sphere: $A H - H(y^*)$", style.colour("sphere")),
        (claim.map_order(name), "general_map", f"{name}: $A H - H(y^*)$", style.colour(name)),
        (
            claim.slope_order(name),
            "slope",
            f"{name}: slope in $\\varepsilon$ less predicted",
            style.shades(style.colour(name), 3)[0],
        ),
    ):
        field, row = judged.quantities[quantity], judged.row(quantity)
        control = size(field.values[:, 0] - curves["mixed"]) if key == "slope" else None
        style.order_axes(ax, field.steps, size(field.values[:, 0] - curves[key]), row.predicted,
                         colour=colour, name=label, control=control)  # fmt: skip
    rival = size(judged.quantities[claim.slope_order(name)].values[:, 0] - curves["mixed"])
    style.name_control(ax, "rival: chart and\ncovariant mixed", field.steps[-1], 1.4 * rival[-1])
    ax.plot([], [], color=style.PREDICTED, lw=1, label="slope 1 only")
    row = judged.row(claim.MAP)
    title = f"sphere: order {row.measured:.4f} [{row.ci_low:.4f}, {row.ci_high:.4f}]"
    ax.set(xlabel=r"temperature $\varepsilon$", ylabel="root mean square", title=title)
    ax.legend(fontsize=7)


def size(errors):
    """Root mean square over points, of summed squares over functions, (levels,)."""
    return np.sqrt((errors**2).sum(axis=2).mean(axis=1))
