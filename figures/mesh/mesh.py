"""Attention on a triangle mesh. Left: tokens' features after k steps, by the cotangent Laplacian on the
surface. Middle: the same at vertices, the limit that samples see against the equation's solution, on
the diagonal; crosses: the equation without drift. Right: the coefficients that fit best.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import PolyCollection

from figures import style
from theory.claims import mesh as claim

MOST_DRAWN = 60_000  # triangles that face the eye
EYE = np.array([0.45, -0.75, 0.48])
LIGHT = 0.45  # how much darker a triangle is that turns away
CONTROL = "without drift"


def draw(judged):
    figure, (left, middle, right) = plt.subplots(
        1, 3, figsize=(style.WIDE, 2.9), width_ratios=(1.25, 1.1, 1)
    )
    colours = surface(left, judged)
    figure.colorbar(colours, ax=left, shrink=0.6, location="left", label=r"$e^{TL}H$")
    against_equation(middle, judged)
    coefficients(right, judged)
    return figure


def facts(judged) -> tuple[str, ...]:
    n, m = (len(judged.arrays[key]) for key in ("vertices", "triangles"))
    return (f"{n:,} vertices, {m:,} triangles", f"density {judged.parameters.density}")


def surface(ax, judged):
    """The solution on the triangles, the farthest first."""
    x, t = judged.arrays["vertices"], judged.arrays["triangles"]
    frame = _frame()
    values = judged.curves["with drift"][t].mean(axis=1)
    sides = x[t[:, 1]] - x[t[:, 0]], x[t[:, 2]] - x[t[:, 0]]
    normals = np.cross(*sides)
    towards = (normals @ frame[2]) / np.linalg.norm(normals, axis=1)
    seen = x @ frame.T
    order = np.argsort(seen[t][:, :, 2].mean(axis=1))[-MOST_DRAWN:]
    scale = plt.Normalize(values.min(), values.max())
    faces = plt.get_cmap(style.SEQUENTIAL)(scale(values))
    faces[:, :3] *= (1 - LIGHT * (1 - np.abs(towards)))[:, None]
    ax.add_collection(
        PolyCollection(
            seen[t[order]][:, :, :2], facecolors=faces[order], edgecolors=faces[order],
            linewidths=0.2, rasterized=True,
        )
    )  # fmt: skip
    ax.set_aspect("equal")
    ax.autoscale_view()
    ax.axis("off")
    return plt.cm.ScalarMappable(scale, style.SEQUENTIAL)


def _frame():
    towards = EYE / np.linalg.norm(EYE)
    right = np.cross([0.0, 0.0, 1.0], towards)
    right /= np.linalg.norm(right)
    return np.array([right, np.cross(towards, right), towards])


def against_equation(ax, judged):
    """Means of samples at the finest step they have, moved to the limit by the nodes, in order."""
    probes, curves = judged.parameters.probes(), judged.curves
    samples = judged.quantities[claim.evolved(claim.SAMPLES)]
    right = curves["with drift"][probes]
    measured = judged.arrays["limit"]
    errors = judged.arrays["limit half-widths"]
    ends = [right.min(), right.max()]
    ax.plot(ends, ends, color=style.PREDICTED, lw=1, label="predicted")
    if judged.parameters.drifts:
        ax.plot(right, curves[CONTROL][probes], "x", ms=3, color=style.CONTROL, label=CONTROL)
    ax.errorbar(right, measured, yerr=errors, fmt="o", ms=2.5, lw=0.8, capsize=0,
                color=style.MEASURED[0], label=f"{samples.values.shape[1]} samples")  # fmt: skip
    ax.set(xlabel=r"$e^{TL}H$ at vertices", ylabel="$A^kH$, limit seen by samples")
    ax.legend(fontsize=style.SMALL)


def coefficients(ax, judged):
    """Each judged row over its prediction, with its interval and the rivals that are 10 % off."""
    rows = judged.rows[::-1]
    for y, row in enumerate(rows):
        style.draw_row(ax, y, row, colour=style.MEASURED[0], horizontal=True, scale=row.predicted)
    ax.axvline(1, color=style.PREDICTED, lw=1)
    for x in (0.9, 1.1):
        ax.axvline(x, color=style.CONTROL, ls="--", lw=1)
    style.name_control(ax, "10 % more", 1.1, len(rows) - 0.5, rotation=90, va="top", dx=2)
    ax.set_yticks(range(len(rows)), [_name(row) for row in rows], fontsize=style.SMALL)
    ax.set(xlabel="measured over predicted", ylim=(-0.6, len(rows) - 0.4))


def _name(row):
    what, _, of = row.quantity.partition(" of ")
    return f"{what.split()[0]}\n{of.partition(',')[0]}".replace("clock/eps", "clock/ε")
