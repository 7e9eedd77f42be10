"""How the figures look: sizes, colours that every eye tells apart, and the two marks: predicted a line, measured points."""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib import ticker
from scipy import stats

from simulations.verdict import CONFIDENCE

matplotlib.use("Agg")
# font files without a date make fontTools talk once per file
logging.getLogger("fontTools").setLevel(logging.ERROR)

# Okabe and Ito's palette, by what the colour stands for
MEASURED = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
PREDICTED = "#000000"
CONTROL = "#999999"
SEQUENTIAL, DIVERGING = "viridis", "PuOr"
SYMBOLS = {"circle": "circle $S^1$", "torus": "torus of revolution", "sphere": "sphere $S^2$"}

plt.rcParams.update(
    {
        "figure.dpi": 110, "savefig.dpi": 200, "font.size": 9, "axes.titlesize": 9, "legend.fontsize": 8,
        "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False, "lines.linewidth": 1.2,
        "mathtext.fontset": "cm", "font.family": "DejaVu Sans", "figure.constrained_layout.use": True,
        "pdf.fonttype": 42, "errorbar.capsize": 2,
    }
)  # fmt: skip


def label(name: str) -> str:
    """A manifold's name as a figure writes it."""
    return SYMBOLS.get(name, name.replace("_", " "))


def half_width(samples, axis: int = 0) -> np.ndarray:
    """Half-width of the Student interval of the mean over `axis`, at the confidence of the verdicts."""
    n = samples.shape[axis]
    return stats.t.ppf((1 + CONFIDENCE) / 2, n - 1) * samples.std(axis=axis, ddof=1) / np.sqrt(n)


def order_axes(ax, steps, errors, order: float, *, colour, name: str, control=None):
    """One convergence curve: measured points with intervals, the predicted slope as a line, the control in grey.

    errors: (samples, levels); control likewise. The line has the predicted slope through the finest point.
    """
    mean = errors.mean(axis=0)
    ax.errorbar(steps, mean, half_width(errors), fmt="o", ms=4, color=colour, label=name, zorder=3)
    ax.plot(steps, mean[-1] * (np.asarray(steps) / steps[-1]) ** order, color=colour, lw=1)
    if control is not None:
        ax.plot(steps, control.mean(axis=0), "s--", ms=3, lw=0.8, color=CONTROL)
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
    """Write the figure as PNG and PDF, each at once or not at all; returns the two paths."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    written = []
    for suffix, metadata in ((".png", {"Software": None}), (".pdf", {"CreationDate": None})):
        handle, temporary = tempfile.mkstemp(dir=stem.parent, suffix=suffix, prefix=".")
        os.close(handle)
        try:
            figure.savefig(temporary, metadata=metadata)
            os.chmod(temporary, 0o644)
            os.replace(temporary, stem.with_name(stem.name + suffix))
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        written.append(stem.with_name(stem.name + suffix))
    plt.close(figure)
    return written
