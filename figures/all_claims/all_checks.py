"""Every row of every claim: how far the prediction and each rival lie from what was measured, in
half-widths of the interval; and how often such intervals hold the truth. Where a bound is added to
the scatter of samples they hold it more often than they say, at 50 % visibly so."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import ticker

from figures import style
from simulations.store.files import read_json
from simulations.store.sources import ROOT

COVERAGE = ROOT / "docs" / "coverage.json"  # of `make coverage`, too long for `make figures`
PREDICTION, RIVAL, WRONG = style.MEASURED[0], style.CONTROL, style.MEASURED[1]
FAR = 1e4  # half-widths: what lies farther stands here
STRIP, BELOW = 0.22, 2.4  # inches: a claim, and what is below all of them
INSIDE = 0.86  # of a strip: the rest parts it from the next


def draw(judgements):
    """judgements: of each claim by its name."""
    n = len(judgements)
    figure = plt.figure(figsize=(style.WIDE, STRIP * n + BELOW))
    top, bottom = figure.add_gridspec(2, 1, height_ratios=(STRIP * n + 0.6, BELOW - 0.6))
    left, right = top.subgridspec(1, 2).subplots(sharey=True)
    for ax, title, sampled in (
        (left, "sampled", True),
        (right, "deterministic", False),
    ):
        counts = strips(ax, judgements, sampled)
        rejected = f"{counts['rejected']} of {counts['rivals']} rivals rejected"
        ax.set_title(f"{counts['rows']} {title} rows, {rejected}", fontsize=8)
    left.set_yticks(np.arange(n) + INSIDE / 2, judgements, fontsize=style.SMALL)
    left.set(ylim=(n, -1 + INSIDE))
    calibration(figure.add_subplot(bottom), read_json(COVERAGE))
    legend(figure)
    return figure


def strips(ax, judgements, sampled: bool) -> dict:
    """A strip a claim, a line a row: its prediction, and its rivals."""
    counts = {"rows": 0, "rivals": 0, "rejected": 0}
    ax.axvspan(0, 1, color="#dfeaf3", lw=0, zorder=0)
    for place, judged in enumerate(judgements.values()):
        rows = [row for row in judged.rows if ("Student" in row.basis) == sampled]
        ax.axhline(place - (1 - INSIDE) / 2, color="#dddddd", lw=0.5, zorder=0)
        for k, row in enumerate(rows):
            y = place + INSIDE * (k + 0.5) / len(rows)
            rejected = [distance(row, r.value) for r in row.rivals.values() if r.rejected]
            left_over = [distance(row, r.value) for r in row.rivals.values() if not r.rejected]
            ax.plot(rejected, np.full(len(rejected), y), "|", color=RIVAL, ms=3, mew=0.6)
            ax.plot(left_over, np.full(len(left_over), y), "x", color=WRONG, ms=4, mew=1)
            refuted = row.verdict == "refuted"
            ax.plot(
                distance(row, row.predicted), y, "D" if refuted else "o",
                color=WRONG if refuted else PREDICTION, ms=4 if refuted else 1.8, zorder=3,
            )  # fmt: skip
            counts["rivals"] += len(row.rivals)
            counts["rejected"] += len(rejected)
        counts["rows"] += len(rows)
    ax.set_xscale("symlog", linthresh=1, linscale=1.2)
    ax.set_xlim(0, FAR * 1.3)
    ax.set_xticks(
        [0, 0.5, 1, 10, 100, 1000, FAR], ["0", "½", "1", "10", "100", "1000", r"$\geq 10^4$"]
    )
    ax.xaxis.set_minor_locator(ticker.NullLocator())
    ax.tick_params(labelsize=style.SMALL)
    ax.set_xlabel("distance from the measured value, in half-widths", fontsize=8)
    return counts


def distance(row, value: float) -> float:
    """From the measured value to another, in half-widths of the interval on that side.

    A bound is one-sided: what is not above the measured value lies at 0.
    """
    away = value - row.measured
    if row.kind == "bound" and away <= 0:
        return 0.0
    half_width = row.ci_high - row.measured if away > 0 else row.measured - row.ci_low
    if half_width == 0:
        return 0.0 if away == 0 else FAR
    return min(abs(away) / half_width, FAR)


def calibration(ax, coverage):
    """The share of repetitions whose interval held the truth, less the share that was said."""
    said = [share["said"] for share in coverage[0]["shares"]]
    for k, record in enumerate(coverage):
        across = (k + 0.5) / len(coverage) - 0.5
        for place, share in enumerate(record["shares"]):
            held, wrong = share["share"], not share["as_said"]
            bars = [[held - share["low"]], [share["high"] - held]]
            ax.errorbar(
                place + 0.8 * across, 100 * held, yerr=100 * np.array(bars), fmt="o", ms=2.2,
                lw=0.7, capsize=0, color=WRONG if wrong else PREDICTION,
            )  # fmt: skip
    for place, share in enumerate(said):
        ax.plot([place - 0.45, place + 0.45], [100 * share] * 2, color=style.PREDICTED, lw=1)
    ax.set_xticks(range(len(said)), [f"{100 * share:g} % said" for share in said])
    ax.set(ylabel="held the truth, %", ylim=(30, 103), xlim=(-0.5, len(said) - 0.5))
    repetitions = coverage[0]["repetitions"]
    ax.set_title(
        f"calibration: {len(coverage)} sampled numbers measured anew with {repetitions} seeds each; bars: 99.9 %",
        fontsize=8,
    )
    ax.tick_params(labelsize=style.SMALL)


def legend(figure):
    """What the marks stand for, below everything."""
    handles = [
        plt.Line2D([], [], marker="o", ls="", color=PREDICTION, ms=3),
        plt.Line2D([], [], marker="|", ls="", color=RIVAL, ms=6),
        plt.Rectangle((0, 0), 1, 1, color="#dfeaf3"),
    ]
    names = ["prediction", "rival (a wrong prediction or method)", "inside the 99.9 % interval"]
    figure.legend(handles, names, loc="outside lower center", ncols=3)
