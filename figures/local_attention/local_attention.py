"""Inside a window attention drifts up the density and down the score, each with coefficient 2 in
the limit; at a finite window samples have the coefficients that the definition gives there."""

from __future__ import annotations

import matplotlib.pyplot as plt

from figures import style
from theory.claims import local_attention as claim

TERMS = (
    (r"up the density, $\langle\nabla\log p, \nabla H\rangle$", "s", style.MEASURED[0]),
    (r"down the score, $-\langle\nabla_{\!y} f, \nabla H\rangle/T$", "o", style.MEASURED[1]),
)


def draw(judged):
    """The two drift coefficients against the square of the radius, a panel a manifold."""
    names, squares = judged.parameters.manifolds, judged.parameters.radii() ** 2
    figure, panels = plt.subplots(1, len(names), figsize=(7.0, 3.1), sharey=True, squeeze=False)
    for ax, name in zip(panels[0], names, strict=True):
        rows = (
            (claim.drift_limit(name), claim.drift_sampled(name)),
            (claim.force_limit(name), claim.force_sampled(name)),
        )
        for k, ((label, mark, colour), (limit, sampled)) in enumerate(
            zip(TERMS, rows, strict=True)
        ):
            levels = judged.arrays[f"{name}_levels"][:, k]
            shown = label if name == names[0] else None
            ax.plot(squares, levels, mark, ms=4, mfc="none", color=colour, label=shown)
            style.draw_limit(ax, judged.row(limit), colour=colour)
            # beside each other, so that both bars and their predictions are seen
            place = squares[0] * (1.07 + 0.07 * k)
            style.draw_row(ax, place, judged.row(sampled), colour=colour, marker=mark)
            ax.plot(place, judged.row(sampled).predicted, "_", ms=12, color=style.PREDICTED)
        ax.axhline(2.0, color=style.PREDICTED, lw=1)
        ax.axhline(2.2, color=style.CONTROL, ls="--")
        ax.axhline(1.8, color=style.CONTROL, ls="--")
        ax.set(xlabel="square of the radius $R^2$", title=style.label(name))
        ax.set_xlim(-0.06 * squares[0], 1.22 * squares[0])
    first = panels[0][0]
    first.set(ylabel="drift coefficient", ylim=(1.62, 2.25))
    first.plot([], [], "D", ms=5, mfc="white", color="#444444", label="extrapolated, judged")
    first.plot([], [], "o", ms=4, color="#444444", label="stratified tokens, judged")
    first.plot([], [], "_", ms=12, color=style.PREDICTED, label="predicted for them")
    first.plot([], [], color=style.PREDICTED, lw=1, label="predicted limit")
    first.plot([], [], ls="--", color=style.CONTROL, label="rivals: 10 % off")
    figure.legend(loc="outside lower center", ncols=3, fontsize=7)
    return figure
