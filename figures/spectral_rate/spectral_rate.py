"""The spectrum of a sample tends to that of the diffusion at least as fast as the bound (lines, slope
only); against an operator with another drift the error stalls. Dots: samples; circles: their
geometric means."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from simulations.verdict.fields import field_errors
from theory.claims import spectral_rate as claim

COLOURS = dict(zip(claim.SETTINGS, style.MEASURED, strict=False))


def draw(judged):
    """Left: means of eigenvalues. Right: projections on the first eigenvectors."""
    figure, panels = plt.subplots(1, 2, figsize=(style.WIDE, 4.2))
    kinds = ((claim.eigenvalues, "eigenvalues"), (claim.eigenvectors, "eigenvectors"))
    for ax, (name, kind) in zip(panels, kinds, strict=True):
        for where, colour in COLOURS.items():
            draw_setting(ax, judged, where, name(where), kind, colour)
        style.log_axis(ax.xaxis)
        style.log_axis(ax.yaxis)
        ax.set(xlabel=r"$\log N/N$", ylabel="error, root of summed squares", title=kind)
        ax.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -0.18))
    return figure


def draw_setting(ax, judged, where, quantity, kind, colour):
    """Errors of all samples, their means, the slope of the bound, and a rival's means."""
    field, row = judged.quantities[quantity], judged.row(quantity)
    errors = field_errors(field, field.values, lambda u: judged.curves[f"{where} {kind}"])
    means = np.exp(np.nanmean(np.log(errors), axis=1))
    ax.plot(field.steps, errors, ".", ms=2.5, color=colour, alpha=0.35)
    order = f"{row.measured:.2f} [{row.ci_low:.2f}, {row.ci_high:.2f}], $\\geq$ {row.predicted:.2f}"
    ax.plot(field.steps, means, "o", ms=5, color=colour, zorder=3, label=f"{where}: {order}")
    ax.plot(
        field.steps,
        means[-1] * (field.steps / field.steps[-1]) ** row.predicted,
        color=colour,
        lw=1,
    )
    if where == claim.DRIFT:
        wrong = field_errors(field, field.values, lambda u: judged.curves[f"rival {kind}"])
        stalled = np.exp(np.nanmean(np.log(wrong), axis=1))
        ax.plot(
            field.steps, stalled, "s--", ms=3, color=style.CONTROL, label="rival: softmax, drift 0"
        )
