"""The finite-difference solution tends to that in smooth functions with order 2 in the spacing, and
with order 4 where it is extrapolated from two grids; solvers with a mistake stall."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import solver as claim

RIVAL = "drift 2.2"


def draw(judged):
    """Left: one grid, by both integrators. Right: extrapolated from two grids."""
    steps = np.array(judged.parameters.steps())
    figure, (one, two) = plt.subplots(1, 2, figsize=(7.0, 3.2), sharey=True)
    # rings of several sizes: the errors of one grid nearly coincide
    manifolds = judged.parameters.manifolds
    for ring, spec in zip(4 + 2.5 * np.arange(len(manifolds))[::-1], manifolds, strict=True):
        colour, name = style.colour(spec), style.label(spec)
        errors = {key: distance(judged, spec, key) for key in (*claim.INTEGRATORS, RIVAL)}
        series, inverse = (errors[key] for key in claim.INTEGRATORS)
        order = written(judged.row(claim.order_in_space(spec, claim.INTEGRATORS[0])))
        label = f"{name}: order {order}"
        style.order_axes(one, steps, series, 2.0, colour=colour, name=label, ring=ring)
        one.plot(steps, inverse, "x", ms=4, color=colour)
        one.plot(steps, errors[RIVAL], "s--", ms=3, color=style.CONTROL)
        if judged.parameters.without_poles(spec):
            both = distance(judged, spec, "extrapolated")
            label = f"{name}: order {written(judged.row(claim.extrapolated_order(spec)))}"
            style.order_axes(two, steps, both, 4.0, colour=colour, name=label)
            two.plot(steps, errors[RIVAL], "s--", ms=3, color=style.CONTROL)
    one.plot([], [], "kx", ms=4, label="the same by shift-invert")
    for ax, slope in ((one, 2), (two, 4)):
        ax.plot([], [], color=style.PREDICTED, lw=1, label=f"slope {slope} only")
        rival = f"rival: the equation with {RIVAL}"
        style.name_control(ax, rival, steps[-1], errors[RIVAL][-1])
        ax.set_xlabel("1/(cells of an axis)")
    one.legend(fontsize=7, loc="lower right")
    two.legend(fontsize=7, loc="upper left", bbox_to_anchor=(0, 0.92))
    one.set(ylabel="error, root mean square", title="One grid")
    two.set_title("Extrapolated from two grids")
    return figure


def written(row) -> str:
    """A measured order with its half width."""
    return f"{row.measured:.3f} $\\pm$ {row.half_width:.3f}"


def distance(judged, spec: str, solution: str) -> np.ndarray:
    """Root mean square over points of the summed squares over features, at each level."""
    field = judged.quantities[claim.order_in_space(spec, claim.INTEGRATORS[0])]
    errors = judged.curves[f"{spec}: {solution}"] - field.values[:, 0]
    return np.sqrt((errors**2).sum(axis=2).mean(axis=1))
