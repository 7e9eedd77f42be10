"""One step moves a token by the mean curvature vector along the normal and by 2 grad log p along
the manifold."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import moving_tokens as claim

SHOWN = 24  # marked tokens
LENGTH = 0.25  # of a velocity 1
# predicted is wide, measured lies thin on top; shafts in parts of the panel's width
BLUNT = {"headlength": 3, "headaxislength": 3}  # so that a thin arrow on top hides no tip
WIDE_ARROW = {"width": 0.011, "color": "#E69F00", "zorder": 2} | BLUNT
THIN_ARROW = {"width": 0.004, "color": style.MEASURED[0], "zorder": 4}


def draw(judged):
    """Left, for a plane curve: velocities of a few tokens. Right: both coefficients, followed to
    eps -> 0."""
    plane = [n for n in judged.parameters.manifolds if is_plane_curve(judged, n)]
    width = 7.0 if plane else 3.4
    ratios = (1.55, 1) if plane else (1,)
    figure, axes = plt.subplots(
        1, len(ratios), figsize=(width, 3.4), squeeze=False, width_ratios=ratios
    )
    if plane:
        draw_velocities(axes[0, 0], judged, plane[0])
    draw_coefficients(axes[0, -1], judged)
    return figure


def is_plane_curve(judged, name) -> bool:
    marked = judged.arrays.get(f"{name}_marked")
    return marked is not None and marked.shape[1] == 2 and f"{name}_normal" in judged.curves


def draw_velocities(ax, judged, name):
    """From each token: the predicted velocity and its two parts, the measured step on top, and a
    cross where drift 1 would lead."""
    x, measured = (judged.arrays[f"{name}_{key}"] for key in ("marked", "velocity"))
    normal, tangential = (judged.curves[f"{name}_{key}"] for key in ("normal", "tangential"))
    predicted, every = normal + tangential, spread_along(x, SHOWN)
    ax.plot(*np.vstack([x, x[:1]]).T, color=style.colour(name), lw=2.5, alpha=0.5, zorder=1)
    for start, bend, along in zip(x[every], normal[every], tangential[every], strict=True):
        corner = start + LENGTH * bend
        ax.plot(*np.array([start, corner, corner + LENGTH * along]).T, color="k", lw=0.6, zorder=3)
    for vectors, options in ((predicted, WIDE_ARROW), (measured, THIN_ARROW)):
        arrows = LENGTH * vectors[every]
        ax.quiver(*x[every].T, *arrows.T, angles="xy", scale_units="xy", scale=1, **options)
    wrong = x + LENGTH * (normal + tangential / 2)
    ax.plot(*wrong[every].T, "x", ms=4, mew=1.2, color=style.CONTROL, zorder=5)
    off = np.linalg.norm(measured - predicted, axis=1).max()
    off /= np.linalg.norm(predicted, axis=1).max()
    handles = [
        plt.Line2D([], [], color=THIN_ARROW["color"], lw=1.5),
        plt.Line2D([], [], color=WIDE_ARROW["color"], lw=4),
        plt.Line2D([], [], color="k", lw=0.6),
        plt.Line2D([], [], marker="x", ls="", ms=4, color=style.CONTROL),
    ]
    labels = [
        r"measured $(A X - X)/\tau$", r"predicted $\vec H + 2\,\nabla \log p$",
        "its normal and tangential parts", "control: drift 1",
    ]  # fmt: skip
    ax.legend(handles, labels, fontsize=7, loc="center", handlelength=1.5)
    ax.set(
        aspect="equal", xlabel="$x$", ylabel="$y$",
        title=f"One step on the {style.label(name)}: largest miss {100 * off:.2g} %",
    )  # fmt: skip


def spread_along(x, count: int) -> np.ndarray:
    """Indices of about `count` of the points (n, D) of a closed curve, even along it."""
    steps = np.linalg.norm(np.diff(x, axis=0, append=x[:1]), axis=1)
    travelled = np.cumsum(steps) / steps.sum()
    return np.unique(np.searchsorted(travelled, (np.arange(count) + 0.5) / count))


def draw_coefficients(ax, judged):
    """Drift coefficient (filled) and normal velocity over Hvec (open) against eps."""
    temperatures = judged.arrays["temperatures"]
    for name in judged.parameters.manifolds:
        colour = style.colour(name)
        clock, drift = judged.arrays[f"{name}_levels"].T
        ax.plot(temperatures, drift, "o", ms=4, color=colour, label=style.label(name))
        ax.plot(temperatures, clock, "o", ms=4, mfc="none", color=colour)
        for row in (claim.drift_limit(name), claim.clock_limit(name)):
            style.draw_limit(ax, judged.row(row), colour=colour)
        for row, marker in ((claim.drift_sample(name), "s"), (claim.clock_sample(name), "s")):
            place = temperatures[0] * (1.06 + 0.05 * judged.parameters.manifolds.index(name))
            style.draw_row(ax, place, judged.row(row), colour=colour, marker=marker)
    for value in (1.0, 2.0):
        ax.axhline(value, color=style.PREDICTED, lw=1, zorder=1)
    drift = judged.row(claim.drift_limit(judged.parameters.manifolds[0]))
    for rival, side in (("10 % more", "bottom"), ("10 % less", "top")):
        value = drift.rivals[rival].value
        ax.axhline(value, color=style.CONTROL, ls="--", zorder=1)
        style.name_control(ax, f"rival limit: {rival}", 0.0, value, va=side)
    ax.plot([], [], "D", mfc="white", color=style.PREDICTED, label=r"$\varepsilon \to 0$, judged")
    ax.plot(
        [],
        [],
        "s",
        ms=4,
        color=style.PREDICTED,
        label="i.i.d. tokens at the\nlargest $\\varepsilon$ (offset)",
    )
    ax.text(temperatures[0], 2.02, r"tangential over $\nabla \log p$", ha="right", fontsize=7)
    ax.text(temperatures[0], 1.07, r"normal over $\vec H$ (open)", ha="right", fontsize=7)
    ax.set(xlabel=r"temperature $\varepsilon$", ylabel="coefficient", ylim=(0.85, 2.3))
    ax.set_title("Two coefficients, 2 and 1")
    ax.legend(fontsize=7, loc="center left", ncols=2, bbox_to_anchor=(0.0, 0.38))
