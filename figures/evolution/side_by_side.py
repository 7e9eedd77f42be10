"""Attention's features and the finite-difference solution at the same time, on the curve or surface, and their difference."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from figures.evolution import manifold_names

CLAIM = "evolution"


def draw(result):
    """A row a manifold: A^k H on the tokens, exp(T L) H at the same places, and the difference, magnified by its colours."""
    names = manifold_names(result)
    figure = plt.figure(figsize=(7.2, 2.3 * len(names)))
    for row, name in enumerate(names):
        points, measured, predicted = (result.arrays[f"{name}_{key}"] for key in ("points", "measured", "predicted"))
        last = (measured[-1], predicted[-1], measured[-1] - predicted[-1])
        span, error = np.abs(predicted[-1] - predicted[-1].mean()).max(), np.abs(last[2]).max()
        limits = [(predicted[-1].mean() - span, predicted[-1].mean() + span)] * 2 + [(-error, error)]
        titles = ("measured $A^k H$", r"predicted $e^{TL} H$", "difference")
        for column, (values, (low, high), title) in enumerate(zip(last, limits, titles, strict=True)):
            place = (len(names), 3, 3 * row + column + 1)
            colours = style.DIVERGING if column == 2 else style.SEQUENTIAL
            drawn = on_surface(figure, place, points, values, low, high, colours) if points.shape[1] == 3 else (
                on_curve(figure, place, result.arrays[f"{name}_coordinates"], values, low, high, colours, predicted[-1] if column == 0 else None))  # fmt: skip
            drawn.axes.set_title(f"{style.label(name)}\n{title}" if column == 0 else title)
            figure.colorbar(drawn, ax=drawn.axes, shrink=0.7, pad=0.02)
    return figure


def on_surface(figure, place, points, values, low, high, colours):
    """Tokens on a surface in R^3, those that face the reader."""
    ax = figure.add_subplot(*place, projection="3d", computed_zorder=False)
    elevation, azimuth = np.deg2rad(35), np.deg2rad(35)
    view = np.array([np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), np.sin(elevation)])
    order = np.argsort(points @ view)
    if np.ptp(np.linalg.norm(points, axis=1)) < 1e-9:
        order = order[(points @ view)[order] > 0]
    drawn = ax.scatter(*points[order].T, c=values[order], s=3, vmin=low, vmax=high, cmap=colours, linewidths=0, depthshade=False, rasterized=True)
    ax.view_init(35, 35)
    ax.set_box_aspect(np.ptp(points, axis=0), zoom=1.45)
    ax.set_axis_off()
    return drawn


def on_curve(figure, place, coordinates, values, low, high, colours, line):
    """Features against the chart coordinate of a curve, coloured like the surfaces."""
    ax = figure.add_subplot(*place)
    order = np.argsort(coordinates[:, 0])
    drawn = ax.scatter(coordinates[order, 0], values[order], c=values[order], s=2, vmin=low, vmax=high, cmap=colours, rasterized=True)
    if line is not None:
        ax.plot(coordinates[order, 0], line[order], color=style.PREDICTED, lw=0.6)
    ax.set(xlabel="chart coordinate $t$", ylabel="$H$")
    return drawn
