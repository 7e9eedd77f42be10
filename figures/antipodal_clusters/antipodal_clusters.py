"""Two antipodal clusters are a saddle: the larger γ, the slower they leave it, and slower under softmax
by the factor cosh γ than with weights over N."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import antipodal_clusters as claim

LAWS = {claim.SOFTMAX: r"$1 - \tanh\gamma$", claim.OVER_N: r"$e^{-\gamma}$"}
MARKS = ("o", "s")  # of the two matrices
SPARSE = 12  # of the kept steps of the long run one in so many is drawn


def draw(judged):
    """Left: judged rates of escape against gamma. Right: one long run, until the clusters meet."""
    figure, (rates, life) = plt.subplots(1, 2, figsize=(style.WIDE, 3.2), width_ratios=(1.1, 1))
    for colour, name in zip(style.MEASURED, claim.NORMALISATIONS, strict=False):
        draw_rates(rates, judged, name, colour)
        draw_life(life, judged, name, colour)
    rates.set(xlabel=r"$\gamma = a\,\cos^2\phi + b\,\sin^2\phi$", ylabel="rate of escape",
              yscale="log", title="each law is the other's rival")  # fmt: skip
    rates.legend(fontsize=7)
    life.set(xlabel="time $t$", ylabel="angle from antipodal", yscale="log",
             title=r"one run, $\phi = \pi/5$")  # fmt: skip
    life.axhline(np.pi, color=style.CONTROL, lw=0.8, ls=":")
    style.name_control(life, "clusters have met", 0.0, np.pi)
    life.set_ylim(top=9)
    life.legend(fontsize=7, loc="lower right")
    return figure


def draw_rates(ax, judged, name, colour):
    """One normalisation: the law, and the judged rates of both matrices."""
    curves = judged.curves
    ax.plot(curves["gammas"], curves[f"rates_{name}"], color=colour,
            label=f"{name}: {LAWS[name]}")  # fmt: skip
    for mark, (matrix, (a, b)) in zip(
        MARKS, claim.matrices(judged.parameters).items(), strict=False
    ):
        for angle, phi in claim.ANGLES.items():
            gamma = a * np.cos(phi) ** 2 + b * np.sin(phi) ** 2
            row = judged.row(claim.escape(name, matrix, angle))
            style.draw_row(ax, gamma, row, colour=colour, hollow=True, marker=mark)
        if name == claim.NORMALISATIONS[-1]:
            ax.plot(
                [],
                [],
                mark,
                mfc="white",
                color=style.PREDICTED,
                ms=4,
                label=f"${matrix[:1]}${matrix[1:]}",
            )


def draw_life(ax, judged, name, colour):
    """One normalisation: the angle against time, and its equation; the rival is the linear law."""
    times, angles = judged.curves["times"], judged.arrays[f"life_{name}"]
    ax.plot(times, judged.curves[f"life_{name}"], color=colour)
    ax.plot(times[::SPARSE], angles[::SPARSE], "o", ms=3, mfc="white", color=colour, label=name)
