"""The drift coefficient of every normalisation of the same scores, extrapolated to zero temperature
as i.i.d. tokens see it and on quadrature nodes, against the table."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import normalisations as claim

HEIGHT = 0.36  # of half a row


def draw(judged):
    """A line a normalisation, with the judged intervals, the predicted value and its rivals."""
    parameters = judged.parameters
    names = [*parameters.names(), claim.WINDOW, claim.NEAREST, claim.COSINE]
    names.sort(key=lambda name: judged.row(claim.drift_sampled(name)).predicted)
    figure, ax = plt.subplots(figsize=(7.0, 0.36 * len(names) + 1.2))
    for y, name in enumerate(reversed(names)):
        sampled = judged.row(claim.drift_sampled(name))
        ax.vlines(sampled.predicted, y - HEIGHT, y + HEIGHT, color=style.PREDICTED, lw=1.5)
        for rival in near(sampled):
            ax.vlines(rival, y - HEIGHT, y + HEIGHT, color=style.CONTROL, ls=(0, (2, 1.5)))
        place = claim.SURFACE if name == claim.COSINE else claim.CURVE
        style.draw_row(
            ax, y + 0.12, sampled, colour=style.colour(place), horizontal=True, hollow=True
        )
        if name in parameters.names():
            row = judged.row(claim.drift_on_nodes(name))
            style.draw_row(
                ax,
                y - 0.16,
                row,
                colour=style.colour(claim.SURFACE),
                marker="s",
                horizontal=True,
                hollow=True,
            )
    legend(ax, parameters)
    ax.set(yticks=np.arange(len(names)), ylim=(-0.6, len(names) - 0.4), xlim=(-0.4, 2.5))
    ax.set_yticklabels([label(name) for name in reversed(names)])
    ax.set_xlabel(
        r"drift coefficient $c$ in $L H = \Delta_g H + c\,\langle\nabla\log p, \nabla H\rangle_g$"
    )
    return figure


def near(row):
    """The rivals that are a tenth off, or of a predicted zero the smallest."""
    close = [r.value for name, r in row.rivals.items() if name.startswith("10 %")]
    return close or [min((r.value for r in row.rivals.values()), key=abs)]


def legend(ax, parameters):
    curve, surface = (style.colour(name) for name in (claim.CURVE, claim.SURFACE))
    n = parameters.n_tokens
    ax.plot(
        [], [], "o", ms=4, mfc="white", color=curve, label=f"circle, i.i.d. tokens, $N$ = {n:,}"
    )
    ax.plot(
        [], [], "o", ms=4, mfc="white", color=surface, label="sphere of directions, i.i.d. tokens"
    )
    ax.plot([], [], "s", ms=4, mfc="white", color=surface, label=r"sphere, nodes, $N = \infty$")
    ax.plot([], [], color=style.PREDICTED, lw=1.5, label="predicted")
    ax.plot([], [], color=style.CONTROL, ls=(0, (2, 1.5)), label="rivals: 10 % off, or 0.2")
    ax.legend(loc="lower left", fontsize=7)


def label(name):
    """The name of a normalisation as the figure writes it."""
    name = name.replace("alpha = ", r"$\alpha$-normalised, $\alpha$ = ")
    return name + (" (directions)" if name == claim.COSINE else "")
