"""Features at time 0, after k steps of attention, and after time T of the drift-diffusion equation;
what attention and equation differ by, and by how much more without the drift."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import Normalize

from figures import style
from theory.claims import evolution as claim

COLUMNS = (
    "start\n$H$",
    "attention\n$A^k H$",
    "equation\n$e^{TL} H$",
    "attention less\nequation",
    "attention less\nequation, no drift",
)
FEATURES = 3  # columns of features; the others are of differences
VIEW = (35, 35)  # elevation and azimuth of the surfaces, in degrees
# inches: a panel, what is below it, the left edge of each column; titles, colour bars and footer
WIDTH, HEIGHT = 1.05, 1.1
BELOW = {1: 0.68, 2: 0.28, 3: 0.43}  # by dimension
UNDER = {1: 0.44, 2: 0.05, 3: 0.2}  # from a panel down to the size of its difference
LEFTS = (0.62, 1.78, 2.94, 4.62, 5.78)
HEAD, BARS, FOOT = 0.45, 0.5, 0.55


def draw(judged):
    """A row a manifold; features share a scale on all of them, and so do differences."""
    names = judged.parameters.manifolds
    rows = {name: panels_of(judged, name) for name in names}
    features, differences = scales(rows.values())
    dims = [judged.parameters.tokens_density(name).manifold.dim for name in names]
    height = HEAD + sum(HEIGHT + BELOW[dim] for dim in dims) + BARS + FOOT
    figure = plt.figure(figsize=(style.WIDE, height))
    # set afterwards, or saving would bring the constrained layout back
    figure.set_layout_engine("none")
    top = height - HEAD
    for name, dim in zip(names, dims, strict=True):
        draw_case(figure, (top - HEIGHT) / height, judged, name, rows[name], features, differences)
        top -= HEIGHT + BELOW[dim]
    for left, title in zip(LEFTS, COLUMNS, strict=True):
        middle, top = (left + WIDTH / 2) / style.WIDE, 1 - (HEAD - 0.08) / height
        figure.text(middle, top, title, ha="center", va="bottom", fontsize=8)
    draw_bars(figure, features, differences)
    return figure


def panels_of(judged, name) -> list[np.ndarray]:
    """What the five columns show, at the points of the picture."""
    measured = judged.arrays[f"{name}_shown"]
    right, without = (judged.curves[f"{name}_shown{end}"] for end in ("", "_no_drift"))
    start = judged.arrays[f"{name}_start"]
    return [start, measured, right, measured - right, measured - without]


def scales(rows) -> tuple[Normalize, Normalize]:
    """The scale of all features, and that of all differences."""
    features = np.concatenate([v for panels in rows for v in panels[:FEATURES]])
    largest = max(np.abs(v).max() for panels in rows for v in panels[FEATURES:])
    return Normalize(features.min(), features.max()), Normalize(-largest, largest)


def draw_case(figure, bottom, judged, name, panels, features, differences):
    """The five panels of one manifold, and how large the differences are."""
    m = judged.parameters.tokens_density(name).manifold
    width, height = figure.get_size_inches()
    for column, (left, values) in enumerate(zip(LEFTS, panels, strict=True)):
        box = (left / width, bottom, WIDTH / width, HEIGHT / height)
        of_features = column < FEATURES
        scale = features if of_features else differences
        if m.dim == 1:
            ax = figure.add_axes(box)
            t = judged.arrays[f"{name}_coordinates"][:, 0]
            on_curve(ax, t, values, scale, m, name, numbers=column in (0, FEATURES))
        else:
            palette = style.SEQUENTIAL if of_features else style.DIVERGING
            on_surface(figure, box, m, judged.arrays[f"{name}_points"], values, scale, palette)
        if not of_features:
            middle, under = (left + WIDTH / 2) / width, bottom - UNDER[m.dim] / height
            size = f"at most {np.abs(values).max():.3f}"
            figure.text(middle, under, size, ha="center", va="center", fontsize=7)
    middle = bottom + HEIGHT / height / 2
    figure.text(0.005, middle, style.label(name), rotation=90, va="center", fontsize=8)


def on_curve(ax, t, values, scale, m, name, *, numbers):
    """Features against the chart coordinate of a curve, with or without numbers on the left."""
    ax.axhline(0.0, color="#cccccc", lw=0.6, zorder=0)
    ax.plot(t, values, color=style.colour(name), lw=1)
    margin = 0.05 * (scale.vmax - scale.vmin)
    (axis,) = m.axes
    ends = axis.low, axis.low + axis.length
    ax.set(ylim=(scale.vmin - margin, scale.vmax + margin), xlim=ends)
    if np.allclose(ends, (0, 2 * np.pi)):
        ax.set_xticks([0, np.pi, 2 * np.pi], ["0", r"$\pi$", r"$2\pi$"])
        # or those of neighbours would touch
        for text, side in zip(ax.get_xticklabels()[::2], ("left", "right"), strict=True):
            text.set_ha(side)
    ax.tick_params(labelsize=7, labelleft=numbers)
    ax.locator_params(axis="y", nbins=5)
    ax.set_xlabel(f"${m.symbols[0]}$", fontsize=7, labelpad=0)


def on_surface(figure, box, m, points, values, scale, colours):
    """Features on a surface in space; of others, on their chart."""
    mesh, palette = claim.SHOWN[m.dim][:2], plt.get_cmap(colours)
    if (m.dim, m.ambient_dim) != (2, 3):
        ax = figure.add_axes(box)
        ends = [end for axis in m.axes[:2] for end in (axis.low, axis.high)]
        ax.imshow(values.reshape(mesh).T, origin="lower", extent=ends, norm=scale, cmap=palette)
        first, second = m.symbols[:2]
        ax.set(xlabel=f"${first}$", ylabel=f"${second}$", xticks=[], yticks=[], aspect="auto")
        return
    ax = figure.add_axes(box, projection="3d", proj_type="ortho")
    corners = closed_up(points.reshape(*mesh, 3), m)
    shades = closed_up(values.reshape(*mesh, 1), m)[..., 0]
    # a face has the mean of its corners
    shades = (shades[1:] + shades[:-1]) / 2
    faces = palette(scale((shades[:, 1:] + shades[:, :-1]) / 2))
    ax.plot_surface(
        *np.moveaxis(corners, -1, 0), facecolors=faces, rstride=1, cstride=1, shade=False,
        linewidth=0, antialiased=False, rasterized=True,
    )  # fmt: skip
    ax.view_init(*VIEW)
    ax.set_box_aspect(np.ptp(points, axis=0), zoom=1.5)
    ax.set_axis_off()


def closed_up(values, m) -> np.ndarray:
    """A mesh (a, b, c) whose periodic axes end where they began."""
    for k, axis in enumerate(m.axes):
        if axis.kind == "periodic":
            values = np.concatenate([values, np.take(values, [0], axis=k)], axis=k)
    return values


def draw_bars(figure, features, differences):
    """The two scales below their columns: of the features, and of the differences."""
    width, height = figure.get_size_inches()
    low = (FOOT + 0.32) / height
    for left, right, scale, palette, name in (
        (LEFTS[0], LEFTS[FEATURES - 1], features, style.SEQUENTIAL, "features"),
        (LEFTS[FEATURES], LEFTS[-1], differences, style.DIVERGING, "differences"),
    ):
        box = (left / width, low, (right + WIDTH - left) / width, 0.1 / height)
        bar = figure.colorbar(
            plt.cm.ScalarMappable(scale, palette),
            cax=figure.add_axes(box),
            orientation="horizontal",
        )
        bar.ax.tick_params(labelsize=7)
        bar.ax.locator_params(nbins=7)
        bar.set_label(f"{name}, one scale for all rows", fontsize=7, labelpad=1)


def facts(judged):
    """The temperature, and the features and densities as they were typed."""
    p = judged.parameters
    densities = [p.tokens_density(name) for name in p.manifolds]
    eps = p.temperature(densities[0].manifold, p.n_steps)
    sampled = [f"{name}: p ~ {q.text}" for name, q in zip(p.manifolds, densities, strict=True)]
    return (f"ε = {eps:g}", "one sample shown", f"H = {p.features}", *sampled)
