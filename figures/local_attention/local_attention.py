"""Inside a window attention drifts up the density and down the score, each with coefficient 2 in the limit."""

from __future__ import annotations

import matplotlib.pyplot as plt

from figures import style

CLAIM = "first_order"
TERMS = ((2, r"$-\langle\nabla_{\!y} f, \nabla H\rangle/T$", "o"), (1, r"$\langle\nabla\log p, \nabla H\rangle$", "s"))


def draw(result):
    """Coefficients of the two drift terms against the clock of the window, a panel a manifold."""
    a, names = result.arrays, manifold_names(result)
    figure, panels = plt.subplots(1, len(names), figsize=(3.4 * len(names) + 0.4, 3.0), sharey=True, squeeze=False)
    for ax, name in zip(panels[0], names, strict=True):
        taus, sample = a[f"window_{name}_taus"], a[f"window_{name}_sample"]
        for colour, (column, term, mark) in zip(style.MEASURED, TERMS, strict=False):
            ax.plot(taus, a[f"window_{name}_coefficients"][:, column], mark, ms=4, mfc="none", color=colour, label=f"{term}, $N = \\infty$")
            values = sample[:, column]
            # both samples belong to one clock: beside each other so that both bars are seen
            place = a[f"window_{name}_sample_tau"] * (1.03 if column == 2 else 0.975)
            ax.errorbar(place, values.mean(), style.half_width(values), fmt=mark, ms=4, color=colour, label=f"{term}, i.i.d. keys")
        ax.axhline(2.0, color=style.PREDICTED, label="predicted, both: 2")
        ax.axhline(2.2, color=style.CONTROL, ls="--", label="control: 10 % off")
        ax.set(xlabel=r"clock $\tau = R^2/(2(d+2))$", title=style.label(name), xlim=(0, None), ylim=(1.62, 2.27))
    panels[0][0].set_ylabel(r"coefficient in $(A - I)H/\tau$")
    panels[0][0].legend(fontsize=7, loc="lower left")
    return figure


def manifold_names(result) -> list[str]:
    """The manifolds of the window study, by the names its arrays use."""
    return [k.removeprefix("window_").removesuffix("_taus") for k in result.arrays if k.startswith("window_") and k.endswith("_taus")]
