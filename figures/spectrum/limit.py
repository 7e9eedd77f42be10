"""As the temperature falls, (1 - mu)/tau tends to the eigenvalues of -L: k^2, l(l+1), 2k/s^2, and those of any density."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style

CLAIM = "spectrum"

SETTINGS = {
    "circle": "circle, $k^2$",
    "sphere": "sphere, $l(l+1)$",
    "line": "Gaussian tokens, $2k/s^2$",
    "uneven": r"circle, any $p$, $\lambda_k$ of $-L$",
}

CHECKS = {
    "circle": "circle: (1 - mu)/(tau k^2), eps -> 0, worst k",
    "sphere": "sphere: (1 - mu)/(tau l(l+1)), eps -> 0, worst l",
    "line": "Gaussian line: (1 - mu)/(tau 2k/s^2), eps -> 0, worst k",
    "uneven": "circle, any p: (1 - mu)/(tau lambda_k), eps -> 0, worst k",
}


def draw(result):
    """Four panels: each measured eigenvalue over its limit, against the clock; at 0 the extrapolated one that is farthest from 1."""
    a = result.arrays
    figure, panels = plt.subplots(1, 4, figsize=(8.6, 2.7), sharey=True)
    for ax, (name, title) in zip(panels, SETTINGS.items(), strict=True):
        limit, tau = a[f"{name}_limit"], a[f"{name}_levels"]
        first = np.unique(np.round(limit, 9), return_index=True)[1]
        for k, (colour, column) in enumerate(zip(style.MEASURED, first, strict=False)):
            degree = "l" if name == "sphere" else "k"
            ax.plot(tau, a[f"{name}_rates"][:, column] / limit[column], "o-", ms=3, lw=0.7, color=colour, label=f"${degree} = {k + 1}$")
        ax.axhline(1.0, color=style.PREDICTED, label="predicted limit" if name == "circle" else None)
        ax.axhline(1.1, color=style.CONTROL, ls="--", label="control: 10 % off" if name == "circle" else None)
        worst = result.check(CHECKS[name])
        ax.errorbar(0, worst.measured, worst.ci_high - worst.measured, fmt="D", ms=4, color=style.PREDICTED, mfc="white", zorder=4,
                    clip_on=False, label="extrapolated, the worst" if name == "circle" else None)  # fmt: skip
        ax.set(xlabel=r"clock $\tau = \varepsilon$", title=title, xlim=(0, None))
        ax.locator_params(axis="x", nbins=3)
        ax.legend(fontsize=6.5, loc="lower left")
    panels[0].set_ylabel(r"$(1 - \mu_k)/(\tau \lambda_k)$")
    return figure
