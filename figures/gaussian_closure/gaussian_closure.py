"""Gaussian tokens stay Gaussian: under the dot product they spread, until 1/S reaches zero, and under
a squared distance they shrink; ellipses are predicted, tokens measured."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import gaussian_closure as claim

DOT, KERNEL = claim.STEPS
DRAWN = 400  # tokens of the sample that are shown
DEVIATIONS = 2.0  # radius of the ellipses


def draw(judged):
    """Left: 1/S on the line against time. Middle and right: tokens of the plane, two scores."""
    figure, (line, dot, kernel) = plt.subplots(
        1, 3, figsize=(style.WIDE, 3.1), width_ratios=(1.15, 1, 1)
    )
    draw_blow_up(line, judged)
    draw_tokens(dot, judged, 1, "dots", DOT, "dots_rival", "rival: $B$ for $S A^T$")
    draw_tokens(kernel, judged, 2, "kernels", KERNEL)
    handles, labels = dot.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=7)
    return figure


def draw_blow_up(ax, judged):
    """S_0/S against t S_0 for every S_0, at the smallest h, and the judged times of the blow-up."""
    curves = judged.curves
    ax.plot(curves["times"], curves["inverses"], color=style.PREDICTED, label="predicted")
    ax.plot(curves["times"], curves["inverses_rival"], "--", color=style.CONTROL)
    style.name_control(ax, "rival: $1/S_0 - t$", 0.29, 0.74)
    for colour, marker, variance in zip(style.MEASURED, "osD", claim.VARIANCES, strict=False):
        inverse = variance * judged.arrays[f"inverses_{variance:g}"][-1]
        at = np.linspace(0, claim.FOLLOWED, claim.TIMES + 1)
        ax.plot(at, inverse, marker, ms=4, mfc="none", color=colour, label=f"$S_0$ = {variance:g}")
        row = judged.row(claim.blow_up(variance))
        bars = [[row.measured - row.ci_low], [row.ci_high - row.measured]]
        ax.errorbar(variance * row.measured, 0.0, xerr=variance * np.array(bars), fmt=marker, ms=5,
                    mfc="white", color=colour, zorder=4, clip_on=False)  # fmt: skip
    ax.annotate("blow-up,\nextrapolated", (0.49, 0.01), (0.36, 0.28), fontsize=7,
                arrowprops={"arrowstyle": "-", "lw": 0.6})  # fmt: skip
    ax.set(xlabel="time $t\\,S_0$", ylabel="$S_0/S$", xlim=(-0.01, 0.53), ylim=(0, 1.03),
           title="line, $x \\leftarrow x + h\\,A x$, $h \\to 0$")  # fmt: skip
    ax.legend(fontsize=7, loc="lower left")


def draw_tokens(ax, judged, place, key, score, rival=None, words=""):
    """Tokens of one sample before and after, with the ellipses of the predicted covariances."""
    before, after = (judged.arrays["tokens"][k][:DRAWN] for k in (0, place))
    centre_before, centre = (judged.arrays["tokens"][k].mean(axis=0) for k in (0, place))
    ax.plot(*before.T, ".", ms=2, color=style.MEASURED[5], label="tokens before")
    ax.plot(*after.T, ".", ms=2, color=style.MEASURED[1], label="after the steps")
    predicted = judged.curves[key]
    ax.plot(*ellipse(centre_before, predicted[0]), color=style.PREDICTED, lw=0.8)
    ax.plot(*ellipse(centre, predicted[-1]), color=style.PREDICTED, lw=1.6,
            label="two deviations, predicted")  # fmt: skip
    if rival:
        ax.plot(*ellipse(centre, judged.curves[rival][-1]), "--", color=style.CONTROL, label=words)
    steps = claim.STEPS[score]
    h, eps = claim.SHARE, judged.parameters.temperature
    title = {
        DOT: f"$f = -x^T A y$, {steps} steps\nof $X \\leftarrow X + h\\,A X$, $h$ = {h:g}",
        KERNEL: f"$f = r^2/4$, {steps} steps\nof $X \\leftarrow A X$, $\\varepsilon$ = {eps:g}",
    }
    ax.set(xlabel="$x_1$", ylabel="$x_2$", title=title[score], aspect="equal")


def ellipse(centre, covariance) -> np.ndarray:
    """The points (2, n) at DEVIATIONS standard deviations about a centre."""
    angle = np.linspace(0, 2 * np.pi, 200)
    circle = np.stack([np.cos(angle), np.sin(angle)])
    return centre[:, None] + DEVIATIONS * np.linalg.cholesky(covariance) @ circle
