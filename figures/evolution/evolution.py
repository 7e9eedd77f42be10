"""The error of iterated attention against the drift-diffusion equation falls at least as fast as
predicted, and against the equation without drift it stalls. The noise hides a drift that is 10 % off
in one sample, and not in the limit that many samples see: 2 fits it best."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import evolution as claim

WINDOW = 0.6  # of drifts on either side of the predicted one


def draw(judged):
    """Above: root mean square errors against N. Below: distance from each drift's equation."""
    names = judged.parameters.manifolds
    width = style.WIDE if len(names) > 1 else style.NARROW
    figure, panels = plt.subplots(
        2, len(names), figsize=(width, 5.0), squeeze=False, height_ratios=(1.4, 1)
    )
    for (top, bottom), name in zip(panels.T, names, strict=True):
        draw_errors(top, judged, name)
        draw_distances(bottom, judged, name)
    panels[0][0].set_ylabel("root mean square of\n$A^k H$ less an equation")
    panels[1][0].set_ylabel("distance of the limit\nfrom an equation")
    control, black = style.CONTROL, style.PREDICTED
    handles = [
        plt.Line2D([], [], marker="o", ls="", ms=5, color=black),
        plt.Line2D([], [], marker=".", ls="", ms=3, color=black, alpha=0.5),
        plt.Line2D([], [], color=black, lw=1),
        plt.Line2D([], [], marker="s", ls="--", ms=4, color=control),
        plt.Line2D([], [], color=black, lw=2, alpha=0.5),
        plt.Line2D([], [], marker="D", ls="", ms=5, mfc="white", color=black),
        plt.Line2D([], [], color=control, ls=":"),
    ]
    labels = [
        "measured, less the equation with drift 2",
        "each sample",
        "above: slope only, the slowest fall allowed; below: drift 2",
        "measured, less the rival equation without drift",
        "below, in each colour: the measured limit less each equation",
        "judged drift, as samples see it (at any height)",
        "rival drifts: 10 % off",
    ]
    figure.legend(
        handles, labels, loc="outside lower center", ncols=2 if len(names) > 1 else 1, fontsize=7
    )
    return figure


def draw_errors(ax, judged, name):
    """Every sample, and the geometric means that are judged; the means of rivals."""
    quantity = claim.order_in_tokens(name)
    field, row, colour = judged.quantities[quantity], judged.row(quantity), style.colour(name)
    sizes = 1 / field.steps
    errors = distances(field, judged.curves[f"{name}_right"])
    means = geometric_mean(errors)
    ax.plot(sizes, errors, ".", ms=2.5, color=colour, alpha=0.35)
    ax.plot(sizes, means, "o", ms=5, color=colour, zorder=3)
    # through the last point: what falls faster lies above
    line = means[-1] * (sizes / sizes[-1]) ** -row.predicted
    ax.plot(sizes, line, color=style.PREDICTED, lw=1)
    without = judged.curves[f"{name}_family"][np.argmin(np.abs(judged.curves["drifts"]))]
    stalled = geometric_mean(distances(field, without))
    ax.plot(sizes, stalled, "s--", ms=4, color=style.CONTROL, zorder=2)
    style.thousands_axis(ax.xaxis, sizes, "tokens $N$")
    style.log_axis(ax.yaxis)
    order = f"order {row.measured:.2f} $\\pm$ {row.half_width:.2f}, $\\geq$ {row.predicted:.2f}"
    ax.set_title(f"{style.label(name)}\n{order}", fontsize=8)


def distances(field, target) -> np.ndarray:
    """Root mean squares over the probes of the values less a target, (levels, samples)."""
    return np.sqrt((field.values[..., 0] - target) ** 2 @ field.weights)


def geometric_mean(errors) -> np.ndarray:
    """Over the samples of each level that were run, (levels,)."""
    return np.exp(np.nanmean(np.log(errors), axis=1))


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
    near = np.abs(drifts - row.predicted) <= WINDOW
    ax.set(xlabel="drift of the equation", ylim=(0, 1.05 * distance[near].max()))
    ax.set_xlim(row.predicted - WINDOW, row.predicted + WINDOW)
    low = 0.06 * ax.get_ylim()[1]
    style.draw_row(
        ax, low, row, colour=style.colour(name), marker="D", horizontal=True, hollow=True
    )


def facts(judged):
    """The temperature of the largest samples, and how many there are of the others."""
    p = judged.parameters
    eps = p.temperature(p.tokens_density(p.manifolds[0]).manifold, p.n_steps)
    return (f"ε = {eps:g} at the largest N", "of smaller N up to four times as many samples")
