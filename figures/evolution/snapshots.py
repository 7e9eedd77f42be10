"""Features on the surface as attention is applied again and again, above the finite-difference solution."""

from __future__ import annotations

import matplotlib.pyplot as plt

from figures import style
from figures.evolution import manifold_names
from figures.evolution_side_by_side import on_curve, on_surface

CLAIM = "evolution"


def draw(result):
    """The last manifold at times 0, T/3, 2T/3 and T: measured above, predicted below, on one scale of colours."""
    name = manifold_names(result)[-1]
    points, coordinates = result.arrays[f"{name}_points"], result.arrays[f"{name}_coordinates"]
    rows = [("measured", result.arrays[f"{name}_measured"]), ("predicted", result.arrays[f"{name}_predicted"])]
    low, high = rows[1][1].min(), rows[1][1].max()
    figure, time = plt.figure(figsize=(8.2, 4.3)), result.parameters["time"]
    drawn = []
    for row, (what, series) in enumerate(rows):
        for column, values in enumerate(series):
            place = (2, 4, 4 * row + column + 1)
            if points.shape[1] == 3:
                drawn.append(on_surface(figure, place, points, values, low, high, style.SEQUENTIAL))
            else:
                drawn.append(on_curve(figure, place, coordinates, values, low, high, style.SEQUENTIAL, None))
            drawn[-1].axes.set_title(f"{what}, $t = {time * column / 3:.3g}$")
    figure.colorbar(drawn[-1], ax=[d.axes for d in drawn], shrink=0.6, label="features $H$")
    return figure


