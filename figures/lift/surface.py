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
EYE = np.array([-0.25, -1.0, 0.35])
QUARTERS = {
    0: "0", 1: r"$\pi/2$", 2: r"$\pi$", 3: r"$3\pi/2$", 4: r"$2\pi$", 5: r"$5\pi/2$",
    6: r"$3\pi$", 7: r"$7\pi/2$",
}  # fmt: skip
RIVALS = {"no drift": "--", "drift 1": ":"}


def draw(judged):
    """Above: H on the surface at the start and at the end. Below: H along the curve."""
    cases = judged.parameters.pictured_cases()
    if not cases:
        raise InputError("manifolds: got no curve, expected one whose lift is a surface")
    case = cases[0]
    figure = plt.figure(figsize=(style.WIDE, 4.9))
    upper, lower = figure.subfigures(2, 1, height_ratios=(2.15, 2.75))
    draw_surfaces(upper, judged, case)
    left, right = lower.subplots(1, 2)
    draw_profile(left, judged, case)
    draw_differences(right, judged, case)
    lower.legend(handles=legend_marks(case), loc="outside lower center", ncols=3, fontsize=7.5)
    return figure


def legend_marks(case):
    """Of both panels: tokens of a sample on the left, infinitely many on the right."""
    line, colour = plt.Line2D, style.colour(case.manifold.name)
    marks = [
        line([], [], color="#b0b0b0", lw=0.8, label="start"),
        line([], [], color=style.PREDICTED, label=r"heat equation of $\hat g$"),
    ]
    marks += [
        line([], [], color=style.CONTROL, ls=dash, label=f"rival: {rival}")
        for rival, dash in RIVALS.items()
    ]
    dots = {"ls": "", "marker": "o", "color": colour}
    steps, _ = case.picture_level()
    return [
        *marks,
        line([], [], **dots, ms=1.5, label=f"lifted attention, a dot a token, $k$ = {steps}"),
        line([], [], **dots, ms=4, label=f"at $N = \\infty$, $k$ = {case.steps[-1]}"),
    ]


def draw_surfaces(figure, judged, case):
    """Tokens on the surface, before and after, and the heat equation's H on the surface itself."""
    curves, name = judged.curves, case.name
    height, radius = (curves[f"{name}: {key}"][::EVERY] for key in ("height", "radius"))
    angles = np.linspace(0, 2 * np.pi, TURNS + 1)
    corners = revolved(height[:, None], radius[:, None], angles)
    frame = looking_from(EYE, np.array([0.0, 0.0, 1.0]))
    t, s = judged.arrays[f"{name} tokens"].astype(float).T
    t = along(judged, case, t)
    line = curves[f"{name}: line"]
    points = revolved(
        *(np.interp(t, line, curves[f"{name}: {k}"]) for k in ("height", "radius")), s
    )
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
    curves, name = judged.curves, case.name
    line = curves[f"{name}: line"]
    start = case.manifold.function(case.initial)(line[:, None])
    ax.plot(line, start, color="#b0b0b0", lw=0.8, zorder=1)
    for rival, dash in RIVALS.items():
        values = curves[f"{name}: line, {rival}"]
        ax.plot(line, values, dash, color=style.CONTROL, zorder=2)
    t, after = judged.arrays[f"{name} tokens"][:, 0], judged.arrays[f"{name} tokens after"]
    ax.plot(
        along(judged, case, t), after, ".", ms=2, mew=0, color=style.colour(case.manifold.name),
        rasterized=True, zorder=3,
    )  # fmt: skip
    ax.plot(line, curves[f"{name}: line, right"], color=style.PREDICTED, zorder=4)
    ax.set(ylabel="$H$", title="the tokens above, round the curve")
    angle_axis(ax, judged, case)


def draw_differences(ax, judged, case):
    """H of infinitely many tokens and of wrong equations, less that of the right one."""
    curves, name = judged.curves, case.name
    line, right = curves[f"{name}: line"], curves[f"{name}: line, right"]
    ax.axhline(0.0, color=style.PREDICTED, zorder=2)
    for rival, dash in RIVALS.items():
        values = curves[f"{name}: line, {rival}"] - right
        ax.plot(line, values, dash, color=style.CONTROL, zorder=1)
    field = judged.quantities[claim.evolved(name)]
    at = along(judged, case, field.coordinates[:, 0])
    measured = field.values[-1, 0, :, 0] - curves[f"{name}: right"]
    ax.plot(at, measured, "o", ms=3, color=style.colour(case.manifold.name), zorder=3)
    row = judged.row(claim.evolved(name))
    ax.set_ylabel("$H$ less equation")
    ax.set_title(
        f"error at $N = \\infty$: order {row.measured:.3f} [{row.ci_low:.3f}, {row.ci_high:.3f}]"
    )
    angle_axis(ax, judged, case)


def along(judged, case, t):
    """Chart coordinates t (n,) as the line runs, which starts inside the chart."""
    start = judged.curves[f"{case.name}: line"][0]
    return start + (t - start) % case.manifold.axes[0].length


def angle_axis(ax, judged, case):
    """The range of the line, labelled at quarters of a turn where it is one."""
    line = judged.curves[f"{case.name}: line"]
    ax.set(xlim=(line[0], line[-1]), xlabel=f"${case.manifold.symbols[0]}$")
    if np.isclose(line[-1] - line[0], 2 * np.pi):
        quarters = np.arange(np.ceil(line[0] / (np.pi / 2)), line[-1] / (np.pi / 2)).astype(int)
        ax.set_xticks(quarters * np.pi / 2, [QUARTERS.get(q, f"{q / 2:g}π") for q in quarters])


def facts(judged):
    """The sample that is shown, and how the surface is drawn."""
    case = judged.parameters.pictured_cases()[0]
    steps, eps = case.picture_level()
    return (
        f"shown: {claim.PICTURE_SHOWN:,} of {claim.PICTURE_TOKENS:,} lifted tokens, k = {steps}, "
        f"ε = {eps:g}, p ~ {case.density.text}",
        "surface isometric to the lift with circles scaled, cut open where p is least",
    )
