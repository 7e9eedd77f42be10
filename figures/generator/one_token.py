"""What one token sees after k layers: its row of A^k is the heat kernel around it, with the drift
up the density for softmax and without it for doubly normalised attention."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import Normalize

from figures import style
from figures.globe import looking_from
from figures.surface import draw_cells, shaded, visible
from theory.claims import generator as claim
from theory.setting.watched import cell_corners, watched

# rows of attention, and the kernel that each tends to
KINDS = {"softmax": "with drift", "doubly normalised": "without drift"}
MARKERS = {"softmax": "o", "doubly normalised": "s"}
TITLES = (
    "softmax:\na token's row of $A^k$", "heat kernel of $L$,\nwith drift",
    "doubly normalised:\na token's row of $A^k$", "heat kernel of $\\Delta_g$,\nwithout drift",
)  # fmt: skip
UP, TILT = np.array([0.0, 0.0, 1.0]), 0.7  # how far the eye is above the normal
STEP = 1e-4  # of the chart, over which a normal is taken


def draw(judged):
    """Clouds and kernels on each surface, and their profiles along a line through the token."""
    names = [n for n in judged.parameters.pictured() if f"{n} lengths" in judged.curves]
    if not names:
        figure, ax = plt.subplots(figsize=(style.NARROW, 1.0))
        ax.set_axis_off()
        ax.text(0.5, 0.5, "no surface of this run has known modes", ha="center", va="center")
        return figure
    heights = [1.5] * len(names) + [2.3]
    figure = plt.figure(figsize=(style.WIDE, sum(heights) + 0.4))
    upper, lower = figure.subfigures(2, 1, height_ratios=[sum(heights[:-1]) + 0.4, heights[-1]])
    panels = upper.subplots(len(names), len(TITLES), squeeze=False)
    for row, name in zip(panels, names, strict=True):
        draw_surfaces(row, judged, name, first=name == names[0])
    profiles = lower.subplots(1, len(names), squeeze=False)[0]
    for ax, name in zip(profiles, names, strict=True):
        draw_profile(ax, judged, name)
    profiles[0].set_ylabel("weight per unit of area")
    lower.legend(handles=legend_marks(), loc="outside lower center", ncols=2, fontsize=7.5)
    return figure


def draw_surfaces(axes, judged, name, *, first):
    """Four panels of one surface on one scale of colours."""
    p = judged.parameters.tokens_density(name)
    m, corners = p.manifold, cell_corners(p.manifold, claim.ROW_MESH)
    corners = m.embed(corners.reshape(-1, 2)).reshape(*corners.shape[:2], 3)
    here = m.embed(watched(p, claim.ROW_LINE).point)
    frame = facing(m, corners, watched(p, claim.ROW_LINE).point)
    points = m.embed(judged.arrays[f"{name} cloud"].astype(float))
    kernels = [judged.curves[f"{name} {kernel} mesh"] for kernel in KINDS.values()]
    scale, palette = Normalize(0, max(k.max() for k in kernels)), plt.get_cmap(style.SEQUENTIAL)
    shown = visible(frame, corners, points)
    for (kind, kernel), (cloud, smooth) in zip(KINDS.items(), (axes[:2], axes[2:]), strict=True):
        draw_cells(cloud, frame, corners, shaded(corners, frame))
        weights = judged.arrays[f"{name} {kind} cloud"]
        order = np.flatnonzero(shown)[np.argsort(weights[shown])]
        at = points[order] @ frame.T
        size = 1.5 + 9 * scale(weights[order])
        cloud.scatter(*at[:, :2].T, s=size, c=palette(scale(weights[order])), lw=0, rasterized=True)
        draw_cells(smooth, frame, corners, palette(scale(judged.curves[f"{name} {kernel} mesh"])))
        for ax in (cloud, smooth):
            ax.plot(*(here @ frame.T)[0, :2], "+", color="#ffffff", ms=7, mew=2.6)
            ax.plot(*(here @ frame.T)[0, :2], "+", color="#d00000", ms=6, mew=1.3)
    bar = axes[0].figure.colorbar(
        plt.cm.ScalarMappable(scale, palette), ax=list(axes), shrink=0.75, aspect=14, pad=0.01
    )
    bar.ax.tick_params(labelsize=7)
    bar.set_label("weight per area", fontsize=7)
    if first:
        for ax, title in zip(axes, TITLES, strict=True):
            ax.set_title(title, fontsize=8)
    axes[0].text(
        -0.06, 0.5, style.label(name), rotation=90, va="center", ha="right", fontsize=8,
        transform=axes[0].transAxes,
    )  # fmt: skip


def facing(m, corners, u):
    """The frame of an eye that looks at the surface's front at chart point u (1, 2), from above."""
    (origin,) = m.embed(u)
    sides = [m.embed(u + STEP * np.eye(2)[k])[0] - origin for k in range(2)]
    normal = np.cross(*sides) / np.linalg.norm(np.cross(*sides))
    frames = [looking_from(side * normal + TILT * UP, UP) for side in (1, -1)]
    seen = [f for f in frames if visible(f, corners, origin[None])[0]]
    return (seen or frames)[0]


def draw_profile(ax, judged, name):
    """Mean rows with their intervals on the two kernels: each is the other's control."""
    lengths = judged.curves[f"{name} lengths"]
    order = np.argsort(lengths)
    for kind, kernel in KINDS.items():
        softmax = kind == "softmax"
        colour = style.colour(name) if softmax else style.CONTROL
        line = judged.curves[f"{name} {kernel} line"]
        ax.plot(
            lengths[order], line[order], color=colour, ls="-" if softmax else "--", lw=1.2,
            zorder=2,
        )  # fmt: skip
        value, low, high = judged.arrays[f"{name} {kind} profile"]
        ax.errorbar(
            lengths, value, yerr=[value - low, high - value], fmt=MARKERS[kind], ms=3, lw=0.8,
            mfc=colour if softmax else "white", color=colour, zorder=3,
        )  # fmt: skip
    ax.axvline(0.0, color="#d00000", lw=0.8, zorder=0)
    ax.set_ylim(0, None)
    ax.set_title(style.label(name), fontsize=9)
    ax.set_xlabel(r"length along a coordinate line, $p$ grows $\rightarrow$")


def legend_marks():
    """Softmax has the colour of each surface, which a legend for all leaves open."""
    black, grey, line = style.PREDICTED, style.CONTROL, plt.Line2D
    return [
        line([], [], color=black, label="predicted, with drift"),
        line([], [], color=grey, ls="--", label="predicted, without drift"),
        line([], [], color=black, marker="o", ms=4, ls="", label="row of $A^k$, softmax"),
        line(
            [], [], color=grey, marker="s", ms=4, mfc="white", ls="",
            label="row of $A^k$, doubly normalised",
        ),
    ]  # fmt: skip


def facts(judged):
    """What the rows are of."""
    tokens = claim.ROW_TOKENS * judged.parameters.n_tokens
    eps = claim.ROW_TIME / claim.ROW_STEPS
    return (
        f"rows: {tokens:,} tokens, k = {claim.ROW_STEPS}, T = {claim.ROW_TIME:g}, ε = {eps:g}, "
        f"{claim.ROW_SAMPLES} samples; red: the token",
        "bars: scatter of the samples, without the bias of order ε",
    )
