"""How the figures look: sizes, colours that every eye tells apart, and the two marks: predicted a line, measured points."""

from __future__ import annotations

import logging
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib import ticker

from simulations.store.files import atomically
from simulations.store.folders import writing

matplotlib.use("Agg")
# font files without a date make fontTools talk once per file
logging.getLogger("fontTools").setLevel(logging.ERROR)

# Okabe and Ito's palette, by what the colour stands for
MEASURED = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
PREDICTED = "#000000"
CONTROL = "#6b6b6b"  # contrast 5:1 on white
SEQUENTIAL, DIVERGING = "viridis", "PuOr"
# a manifold has one colour in all figures
COLOUR = {
    "circle": "#0072B2", "sphere": "#D55E00", "torus": "#009E73", "ellipse": "#CC79A7",
    "flat_torus2": "#009E73", "flat_torus3": "#56B4E9", "sphere3": "#E69F00", "line": "#56B4E9",
}  # fmt: skip
SYMBOLS = {
    "circle": "circle $S^1$", "torus": "torus of revolution", "sphere": "sphere $S^2$",
    "sphere3": "sphere $S^3$", "flat_torus2": "flat torus $T^2$", "flat_torus3": "flat torus $T^3$",
}  # fmt: skip

plt.rcParams.update(
    {
        "figure.dpi": 110, "savefig.dpi": 200, "font.size": 9, "axes.titlesize": 9, "legend.fontsize": 8,
        "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False, "lines.linewidth": 1.2,
        "mathtext.fontset": "stixsans", "font.family": "DejaVu Sans", "figure.constrained_layout.use": True,
        "pdf.fonttype": 42, "errorbar.capsize": 2,
    }
)  # fmt: skip


def label(name: str) -> str:
    """A manifold's name as a figure writes it."""
    return SYMBOLS.get(name, name.replace("_", " "))


def colour(name: str) -> str:
    """The colour of a manifold, by its name or by its specification."""
    return COLOUR.get(name.partition("(")[0], "#0072B2")


def draw_row(
    ax, x, row, *, colour, label=None, marker="o", horizontal=False, scale=1.0, hollow=False
):
    """A judged row as a point with the very interval that was judged.

    x: its place on the other axis; scale: what measured numbers are divided by; hollow: an open mark,
    for an extrapolated row.
    """
    low, high = ((row.measured - row.ci_low) / scale, (row.ci_high - row.measured) / scale)
    if scale < 0:
        low, high = -high, -low
    place = (row.measured / scale, x) if horizontal else (x, row.measured / scale)
    bars = {"xerr" if horizontal else "yerr": [[low], [high]]}
    face = "white" if hollow else colour
    ax.errorbar(*place, **bars, fmt=marker, ms=4, mfc=face, color=colour, label=label, zorder=3)


def draw_limit(ax, row, *, colour, label=None):
    """An extrapolated row: an open diamond at step 0, with its judged interval."""
    bars = [[row.measured - row.ci_low], [row.ci_high - row.measured]]
    ax.errorbar(
        0.0,
        row.measured,
        yerr=bars,
        fmt="D",
        ms=5,
        mfc="white",
        color=colour,
        label=label,
        zorder=4,
    )


def order_axes(ax, steps, errors, order: float, *, colour, name: str, control=None):
    """One convergence curve of deterministic errors (levels,): points without bars.

    The line shows the slope only: it goes through the finest point. control: errors of a rival.
    """
    steps, errors = np.asarray(steps), np.asarray(errors)
    ax.plot(steps, errors, "o", ms=4, color=colour, label=name, zorder=3)
    ax.plot(steps, errors[-1] * (steps / steps[-1]) ** order, color=colour, lw=1)
    if control is not None:
        ax.plot(steps, control, "s--", ms=3, lw=1.2, color=CONTROL)
    log_axis(ax.xaxis)
    log_axis(ax.yaxis)


def log_axis(axis) -> None:
    """A logarithmic axis, labelled at 1, 2 and 5 where it spans less than two decades."""
    axis.axes.set(**{f"{axis.axis_name}scale": "log"})
    low, high = axis.get_view_interval()
    if high < 100 * low:
        axis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(ticker.FormatStrFormatter("%g"))
        axis.set_minor_formatter(ticker.NullFormatter())


def save(figure, stem: Path) -> list[Path]:
    """Write the figure as PNG and PDF, each at once or not at all; returns the two paths.

    Raises InputError that names the folder where that fails.
    """
    written = []
    for kind, metadata in (("png", {"Software": None}), ("pdf", {"CreationDate": None})):
        path = stem.with_name(f"{stem.name}.{kind}")

        def write(handle, kind=kind, metadata=metadata):
            figure.savefig(handle, format=kind, metadata=metadata)

        with writing("figures folder", stem.parent):
            atomically(path, write)
        written.append(path)
    plt.close(figure)
    return written
