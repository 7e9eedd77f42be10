"""One step moves a token by the mean curvature vector along the normal and by 2 grad log p along
the manifold."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import moving_tokens as claim

SHOWN = 25  # marked tokens
LENGTH = 0.25  # of a velocity 1


def draw(judged):
    """Left, for a plane curve: velocities of a few tokens. Right: both coefficients, followed to
    eps -> 0."""
    plane = [n for n in judged.parameters.manifolds if is_plane_curve(judged, n)]
    width = 7.0 if plane else 3.4
    figure, axes = plt.subplots(1, 2 if plane else 1, figsize=(width, 3.4), squeeze=False)
    if plane:
        draw_velocities(axes[0, 0], judged, plane[0])
    draw_coefficients(axes[0, -1], judged)
    return figure


def is_plane_curve(judged, name) -> bool:
    marked = judged.arrays.get(f"{name}_marked")
    return marked is not None and marked.shape[1] == 2 and f"{name}_normal" in judged.curves


def draw_velocities(ax, judged, name):
    """From each token: the predicted normal part, then the tangential part; a ring where it was
    measured to go, and a cross where drift 1 would take it."""
    every = slice(None, None, max(1, len(judged.arrays[f"{name}_marked"]) // SHOWN))
    x, measured = (judged.arrays[f"{name}_{key}"] for key in ("marked", "velocity"))
    normal, tangential = (LENGTH * judged.curves[f"{name}_{k}"] for k in ("normal", "tangential"))
    ax.plot(*np.vstack([x, x[:1]]).T, color=style.CONTROL)
    corner, end = x + normal, x + normal + tangential
    for start, bend, stop in zip(x[every], corner[every], end[every], strict=True):
        ax.plot(*np.array([start, bend]).T, color=style.PREDICTED, lw=1.0)
        ax.plot(*np.array([bend, stop]).T, color=style.MEASURED[1], lw=1.6)
    ax.plot([], [], color=style.PREDICTED, lw=1.0, label=r"predicted $\vec H$")
    ax.plot([], [], color=style.MEASURED[1], lw=1.6, label=r"predicted $2\,\nabla \log p$")
    ax.plot(*(corner + tangential / 2)[every].T, "x", ms=4, color=style.CONTROL, label="drift 1")
    ax.plot(
        *(x + LENGTH * measured)[every].T, "o", ms=5, mfc="none", color=style.colour(name),
        label=r"measured $(A X - X)/\tau$",
    )  # fmt: skip
    ax.set(
        aspect="equal", xlabel="$x$", ylabel="$y$", title=f"Velocities on the {style.label(name)}"
    )
    ax.legend(fontsize=7, loc="center", handlelength=1.5)


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
    ax.plot([], [], "D", mfc="white", color=style.PREDICTED, label=r"$\varepsilon \to 0$")
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
    ax.set(xlabel=r"temperature $\varepsilon$", ylabel="coefficient", ylim=(0.85, 2.15))
    ax.set_title("Two coefficients, 2 and 1")
    ax.legend(fontsize=7, loc="center left", ncols=2, bbox_to_anchor=(0.0, 0.42))
