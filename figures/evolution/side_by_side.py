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
VIEW = (35, 35)  # elevation and azimuth of the surfaces, in degrees
ROW, HEAD = 1.35, 0.75  # inches of a row, and of the titles
BARS = 0.07  # width of the colour bars, of a panel


def draw(judged):
    """A row a manifold; the first three columns share a scale, and so do the last two."""
    names, p = judged.parameters.manifolds, judged.parameters
    height = ROW * len(names) + HEAD
    # equal panels, whatever is in them
    figure = plt.figure(figsize=(7.0, height), layout="none")
    grid = figure.add_gridspec(
        len(names), len(COLUMNS) + 1, width_ratios=(1, 1, 1, 1, 1, BARS), wspace=0.12, hspace=0.2,
        left=0.07, right=0.93, bottom=0.3 / height, top=1 - HEAD / height,
    )  # fmt: skip
    for place, name in enumerate(names):
        draw_case(figure, grid, place, judged, name)
    for column, title in enumerate(COLUMNS):
        box = grid[0, column].get_position(figure)
        middle, top = (box.x0 + box.x1) / 2, 1 - (HEAD - 0.06) / height
        figure.text(middle, top, title, ha="center", va="bottom", fontsize=8)
    eps = f"$N$ = {p.n_tokens:,} i.i.d. tokens, $k$ = {p.n_steps} steps to time $T$ = {p.time:g}"
    figure.text(0.5, 1 - 0.06 / height, eps, ha="center", va="top", fontsize=8)
    return figure


def draw_case(figure, grid, place, judged, name):
    """Five panels and the two colour bars of one manifold."""
    arrays, curves = judged.arrays, judged.curves
    start, measured = arrays[f"{name}_start"], arrays[f"{name}_shown"]
    right, without = curves[f"{name}_shown"], curves[f"{name}_shown_no_drift"]
    m = judged.parameters.tokens_density(name).manifold
    panels = [start, measured, right, measured - right, measured - without]
    features = Normalize(min(map(np.min, panels[:3])), max(map(np.max, panels[:3])))
    largest = max(np.abs(values).max() for values in panels[3:])
    differences = Normalize(-largest, largest)
    scales = [(features, style.SEQUENTIAL)] * 3 + [(differences, style.DIVERGING)] * 2
    for column, (values, scale) in enumerate(zip(panels, scales, strict=True)):
        spec = grid[place, column]
        if m.dim == 1:
            t = arrays[f"{name}_coordinates"][:, 0]
            on_curve(
                figure, spec, t, values, scale[0], name, numbers={0: "left", 4: "right"}.get(column)
            )
        else:
            on_surface(figure, spec, m, arrays[f"{name}_points"], values, *scale)
    box = grid[place, 0].get_position(figure)
    middle = (box.y0 + box.y1) / 2
    figure.text(0.005, middle, style.label(name), rotation=90, va="center", fontsize=8)
    if m.dim > 1:
        draw_bars(figure, grid[place, -1], scales)


def on_curve(figure, spec, t, values, scale, name, *, numbers):
    """Features against the chart coordinate of a curve; numbers on the left, on the right or nowhere."""
    ax = figure.add_subplot(spec)
    ax.plot(t, values, color=style.colour(name), lw=1)
    margin = 0.05 * (scale.vmax - scale.vmin)
    ax.set(ylim=(scale.vmin - margin, scale.vmax + margin), xlim=(0, 2 * np.pi))
    ax.set_xticks([0, np.pi, 2 * np.pi], ["0", r"$\pi$", r"$2\pi$"], fontsize=7)
    on_right = numbers == "right"
    ax.tick_params(axis="y", labelsize=7, labelleft=numbers == "left", labelright=on_right)
    ax.set_xlabel("$t$", fontsize=7, labelpad=1)


def on_surface(figure, spec, m, points, values, scale, colours):
    """Features on a surface in space; of others, on their chart."""
    mesh, palette = claim.SHOWN[m.dim][:2], plt.get_cmap(colours)
    if (m.dim, m.ambient_dim) != (2, 3):
        ax = figure.add_subplot(spec)
        ends = [end for axis in m.axes[:2] for end in (axis.low, axis.high)]
        ax.imshow(values.reshape(mesh).T, origin="lower", extent=ends, norm=scale, cmap=palette)
        first, second = m.symbols[:2]
        ax.set(xlabel=f"${first}$", ylabel=f"${second}$", xticks=[], yticks=[], aspect="auto")
        return
    ax = figure.add_subplot(spec, projection="3d", proj_type="ortho")
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


def draw_bars(figure, spec, scales):
    """Colour bars of the features and of the differences, one above the other."""
    inner = spec.subgridspec(2, 1, hspace=0.35)
    for half, (scale, colours) in zip(inner, (scales[0], scales[-1]), strict=True):
        bar = figure.colorbar(plt.cm.ScalarMappable(scale, colours), cax=figure.add_subplot(half))
        bar.ax.tick_params(labelsize=7)
        bar.ax.locator_params(nbins=3)
