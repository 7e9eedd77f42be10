"""While a measure and features relax, relative entropy and Dirichlet energy fall whatever the
score; a symmetric score then produces no more entropy, one with a rotation does at a steady rate.
"""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import entropy_production as claim

# two scores on one manifold: its colour, and a darker one
COLOUR = style.colour(claim.RELAXING)
DARK = style.shades(COLOUR, 2)[0]
SCORES = {
    "S": ("o", DARK, "$B = S$, symmetric"),
    "B": ("s", COLOUR, "$B = S + K$, with a rotation"),
}
PANELS = (
    ("Relative entropy", r"$\mathrm{KL}(\mu_k\,|\,\pi)$"),
    ("Dirichlet energy", r"$\sum_{ij}\, \pi_i P_{ij}\,(H_i - H_j)^2/2\varepsilon$"),
    (
        "Entropy produced",
        r"$\sum_{ij}\, \mu_i P_{ij}\;\ln\;(\mu_i P_{ij}/\mu_j P_{ji})/\varepsilon$",
    ),
)


def draw(judged):
    """Over time: points measured on nodes, lines predicted, dashed those of half the drift."""
    figure, panels = plt.subplots(1, 3, figsize=(style.WIDE, 3.1))
    for k, (ax, (title, label)) in enumerate(zip(panels, PANELS, strict=True)):
        draw_panel(ax, judged, k)
        ax.set_title(title)
        ax.set_ylabel(label, fontsize=8)
        ax.set_xlabel(r"time $k \tau$")
        if k < 2:
            ax.set_yscale("log")
        else:
            ax.set_ylim(-0.03, None)
            ax.text(moments(judged)[-1], 0.33, "$S + K$: a steady rate", ha="right", fontsize=7)
            ax.text(moments(judged)[-1], 0.055, "$S$: none in the end", ha="right", fontsize=7)
    handles = [
        *(
            plt.Line2D([], [], marker=m, ls="", ms=4, mfc="white", color=c)
            for m, c, _ in SCORES.values()
        ),
        plt.Line2D([], [], color=style.PREDICTED),
        plt.Line2D([], [], color=style.CONTROL, ls="--"),
    ]
    labels = [
        *(f"measured, {name}" for *_, name in SCORES.values()),
        "predicted as $\\varepsilon \\to 0$ (colour of the score)",
        "control: half the drift, for either score",
    ]
    figure.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=7)
    return figure


def draw_panel(ax, judged, k):
    """The k-th observable of both scores, how far it is from its prediction, and its control."""
    times, at = judged.curves["relaxing_times"], moments(judged)
    scale = (1.0, clock_of_a_step(judged), clock_of_a_step(judged))[k]
    worst = 0.0
    for name, (mark, colour, _) in SCORES.items():
        line, control = (
            scale * judged.curves[f"relaxing_{name}{ending}"][k] for ending in ("", "_drift_1")
        )
        points = judged.arrays[f"relaxing_{name}"][k]
        ax.plot(times, control, "--", color=style.CONTROL)
        ax.plot(times, line, color=colour)
        ax.plot(at, points, mark, ms=3.5, mfc="white", color=colour, zorder=3)
        expected = np.interp(at, times, line)
        worst = max(worst, np.abs(points - expected).max() / expected.max())
    words = f"largest miss {100 * worst:.2g} %\nof the largest value"
    ax.text(0.97, 0.97, words, transform=ax.transAxes, ha="right", va="top", fontsize=7)


def moments(judged):
    """The times of the measured steps."""
    return judged.curves["relaxing_moments"]


def clock_of_a_step(judged) -> float:
    """Time of a step over eps, 1/(2 c): of what is measured over eps."""
    return moments(judged)[1] / (claim.RELAXING_EVERY * claim.RELAXING_TEMPERATURE)


def facts(judged):
    """The relaxing chains have a curve and a temperature of their own."""
    return (
        f"here {style.label(claim.RELAXING)}, nodes, ε = {claim.RELAXING_TEMPERATURE:g}, "
        f"W = I + ε B, start ~ {claim.RELAXING_START}, H = {claim.RELAXING_FEATURES}",
    )
