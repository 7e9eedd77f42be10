"""The lift of a curve is a surface of revolution on which the tokens lie evenly; lifted attention
spreads H over it as heat spreads on that surface."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import Normalize

from figures import style
from figures.globe import looking_from
from figures.surface import draw_cells, shaded, visible
from theory.claims import lift as claim
from theory.setting.checks import InputError

TURNS = 72  # cells round the surface
EVERY = 2  # of the points along it, an edge of a cell
EYE = np.array([-0.55, -1.0, 0.45])
RIVALS = {"no drift": "--", "drift 1": ":"}


def draw(judged):
    """Above: H on the surface at the start and at the end. Below: H along the curve."""
    cases = judged.parameters.pictured_cases()
    if not cases:
        raise InputError("manifolds: got no curve, expected one whose lift is a surface")
    case = cases[0]
    figure = plt.figure(figsize=(style.WIDE, 4.9))
    upper, lower = figure.subfigures(2, 1, height_ratios=(2.5, 2.4))
    draw_surfaces(upper, judged, case)
    left, right = lower.subplots(1, 2, width_ratios=(2.1, 1))
    draw_profile(left, judged, case)
    draw_order(right, judged, case)
    return figure


def draw_surfaces(figure, judged, case):
    """Tokens on the surface, before and after, and the heat equation's H on the surface itself."""
    curves, name = judged.curves, case.name
    height, radius = (curves[f"{name}: {key}"][::EVERY] for key in ("height", "radius"))
    angles = np.linspace(0, 2 * np.pi, TURNS + 1)
    corners = revolved(height[:, None], radius[:, None], angles)
    frame = looking_from(EYE, np.array([0.0, 0.0, 1.0]))
    t, s = judged.arrays[f"{name} tokens"].astype(float).T
    line = curves[f"{name}: line"]
    points = revolved(*(np.interp(t, line, curves[f"{name}: {k}"]) for k in ("height", "radius")), s)
    before, after = (judged.arrays[f"{name} tokens {when}"] for when in ("before", "after"))
    equation = curves[f"{name}: line, right"]
    scale, palette = Normalize(before.min(), before.max()), plt.get_cmap(style.SEQUENTIAL)
    axes = figure.subplots(1, 3)
    shown = visible(frame, corners, points)
    at = (points @ frame.T)[shown, :2]
    for ax, values in zip(axes[:2], (before, after), strict=True):
        draw_cells(ax, frame, corners, shaded(corners, frame))
        ax.scatter(*at.T, s=5, c=palette(scale(values[shown])), lw=0, rasterized=True)
    middles = (equation[::EVERY][1:] + equation[::EVERY][:-1]) / 2
    draw_cells(axes[2], frame, corners, palette(scale(np.repeat(middles, TURNS))))
    steps, _ = case.picture_level()
    titles = (
        "lifted tokens at the start:\n$H$, evenly over the surface",
        f"after {steps} steps of\nlifted attention: $A^k H$",
        "heat equation of\n$\\hat g = g + p^4 ds^2$",
    )
    for ax, title in zip(axes, titles, strict=True):
        ax.set_title(title, fontsize=8)
    bar = figure.colorbar(
        plt.cm.ScalarMappable(scale, palette), ax=list(axes), shrink=0.8, aspect=16, pad=0.01
    )
    bar.ax.tick_params(labelsize=7)
    bar.set_label("$H$", fontsize=8)


def revolved(height, radius, angles):
    """Points of a surface of revolution about a lying axis, (..., 3)."""
    y, z = radius * np.cos(angles), radius * np.sin(angles)
    return np.stack(np.broadcast_arrays(height, y, z), axis=-1)


def draw_profile(ax, judged, case):
    """Every token that is shown, the equation, and the wrong ones."""
    curves, name, colour = judged.curves, case.name, style.colour(case.manifold.name)
    line = curves[f"{name}: line"]
    start = case.manifold.function(case.initial)(line[:, None])
    ax.plot(line, start, color="#b0b0b0", lw=0.8, label="start", zorder=1)
    for rival, dash in RIVALS.items():
        values = curves[f"{name}: line, {rival}"]
        label = f"rival: {rival}"
        ax.plot(line, values, dash, color=style.CONTROL, label=label, zorder=2)
    t, after = judged.arrays[f"{name} tokens"][:, 0], judged.arrays[f"{name} tokens after"]
    ax.plot(
        t, after, ".", ms=2, mew=0, color=colour, rasterized=True, zorder=3,
        label="lifted attention, a dot a token",
    )  # fmt: skip
    ax.plot(
        line, curves[f"{name}: line, right"], color=style.PREDICTED, zorder=4,
        label=r"heat equation of $\hat g$",
    )  # fmt: skip
    ax.set(xlim=(line[0], line[-1]), xlabel=f"${case.manifold.symbols[0]}$", ylabel="$H$")
    if np.allclose(line[[0, -1]], (0, 2 * np.pi)):
        ax.set_xticks(
            np.pi * np.arange(0, 2.1, 0.5), ["0", r"$\pi/2$", r"$\pi$", r"$3\pi/2$", r"$2\pi$"]
        )
    ax.legend(fontsize=7, loc="upper center", markerscale=3)


def draw_order(ax, judged, case):
    """What the lift's radius is along the curve, and the judged order of its evolution."""
    curves, name = judged.curves, case.name
    line = curves[f"{name}: line"]
    radius = case.radius(line[:, None])
    ax.fill_between(line, -radius, radius, color=style.colour(case.manifold.name), alpha=0.2, lw=0)
    ax.plot(line, radius, color=style.colour(case.manifold.name))
    ax.plot(line, -radius, color=style.colour(case.manifold.name))
    ax.axhline(0.0, color=style.CONTROL, lw=0.6)
    ax.set(xlim=(line[0], line[-1]), xlabel=f"${case.manifold.symbols[0]}$")
    ax.set_ylabel(r"radius $\rho = \kappa p^2$ of the circles")
    if np.allclose(line[[0, -1]], (0, 2 * np.pi)):
        ax.set_xticks([0, np.pi, 2 * np.pi], ["0", r"$\pi$", r"$2\pi$"])
    row = judged.row(claim.evolved(name))
    ax.set_title(
        f"$A^k H$ at $N = \\infty$:\norder {row.measured:.3f} [{row.ci_low:.3f}, {row.ci_high:.3f}]",
        fontsize=8,
    )


def facts(judged):
    """The sample that is shown, and how the surface is drawn."""
    case = judged.parameters.pictured_cases()[0]
    steps, eps = case.picture_level()
    return (
        f"shown: {claim.PICTURE_SHOWN:,} of {claim.PICTURE_TOKENS:,} lifted tokens, k = {steps}, "
        f"ε = {eps:g}, p ~ {case.density.text}",
        "surface isometric to the lift with circles scaled, cut open at 0",
    )
