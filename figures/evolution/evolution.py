"""Iterated attention comes to the drift-diffusion equation at least as fast as predicted; of all
drift coefficients, 2 fits the evolved features best."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import evolution as claim


def draw(judged):
    """Above: mean square error against N, its root. Below: distance from each drift's equation."""
    names = judged.parameters.manifolds
    figure, panels = plt.subplots(
        2, len(names), figsize=(7.0, 4.9), squeeze=False, height_ratios=(1.1, 1)
    )
    for (top, bottom), name in zip(panels.T, names, strict=True):
        draw_errors(top, judged, name)
        draw_distances(bottom, judged, name)
    panels[0][0].set_ylabel(r"error $\Vert A^k H - e^{TL} H \Vert$")
    panels[1][0].set_ylabel("distance from $A^k H$")
    handles = [
        plt.Line2D([], [], marker="o", ls="", ms=4, color=style.PREDICTED),
        plt.Rectangle((0, 0), 1, 1, color=style.PREDICTED, alpha=0.12, lw=0),
        plt.Line2D([], [], marker="s", ls="--", ms=3, color=style.CONTROL),
        plt.Line2D([], [], marker="v", ls="--", ms=3, color=style.CONTROL),
        plt.Line2D([], [], color=style.PREDICTED, lw=1),
        plt.Line2D([], [], ls=":", color=style.CONTROL),
    ]
    labels = [
        r"measured, $L$ with drift 2", "slopes allowed", "rival: no drift",
        "rival: drift 10 % less",
        "predicted drift", "rivals: 10 % off",
    ]  # fmt: skip
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=7)
    return figure


def draw_errors(ax, judged, name):
    """Geometric mean over samples of the root mean square error at the probe points."""
    field = judged.quantities[claim.order_in_tokens(name)]
    row, colour, sizes = (
        judged.row(claim.order_in_tokens(name)),
        style.colour(name),
        1 / field.steps,
    )
    solutions = [judged.curves[f"{name}_right"], *judged.curves[f"{name}_far"]]
    targets = dict(zip("osv", solutions, strict=True))
    for mark, target in targets.items():
        errors = np.sqrt((field.values[..., 0] - target) ** 2 @ field.weights)
        mean = np.exp(np.nanmean(np.log(errors), axis=1))
        if mark == "o":
            ax.plot(sizes, errors, ".", ms=2, color=colour, alpha=0.4)
            ax.plot(sizes, mean, "o", ms=4, color=colour, zorder=3)
            slowest = mean[0] * (sizes / sizes[0]) ** -row.predicted
        else:
            ax.plot(sizes, mean, f"{mark}--", ms=3, color=style.CONTROL)
    style.log_axis(ax.xaxis)
    style.log_axis(ax.yaxis)
    low = ax.get_ylim()[0]
    ax.fill_between(sizes, low, slowest, color=style.PREDICTED, alpha=0.12, lw=0, zorder=0)
    ax.set_ylim(low, None)
    ax.set(
        xlabel="tokens $N$",
    )
    order = f"order {row.measured:.2f} $\\pm$ {row.half_width:.2f} ($\\geq$ {row.predicted:.2f})"
    ax.set_title(f"{style.label(name)}\n{order}", fontsize=8)


def draw_distances(ax, judged, name):
    """Root mean square over the probes between the limit seen by samples and each equation."""
    drifts, row = judged.curves["drifts"], judged.row(claim.drift(name, claim.SAMPLES))
    weights = judged.quantities[claim.features(name, claim.SAMPLES)].weights
    gaps = judged.curves[f"{name}_family"] - judged.arrays[f"{name}_limit"]
    distance = np.sqrt(gaps**2 @ weights)
    ax.plot(drifts, distance, color=style.colour(name))
    ax.axvline(row.predicted, color=style.PREDICTED, lw=1)
    for rival in ("10 % more", "10 % less"):
        ax.axvline(row.rivals[rival].value, color=style.CONTROL, ls=":")
    ax.set(xlabel="drift of the equation", ylim=(0, None), xlim=drifts[[0, -1]])
    low = 0.06 * ax.get_ylim()[1]
    style.draw_row(
        ax, low, row, colour=style.colour(name), marker="D", horizontal=True, hollow=True
    )
