"""Attention measures the exponent of the new metric and of its heat capacity: -4 and 4 in d = 1, 4 and -4 in d = 3."""

from __future__ import annotations

import matplotlib.pyplot as plt

from figures import style

CLAIM = "new_metric"


def draw(result):
    """Exponents against the temperature, a panel a dimension; filled: i.i.d. keys."""
    a = result.arrays
    figure, panels = plt.subplots(1, 2, figsize=(7.2, 3.1))
    for ax, (key, limit, title) in zip(panels, (("curve", -4.0, "$d = 1$"), ("solid", 4.0, "$d = 3$")), strict=True):
        eps, exponents, sampled = a[f"{key}_temperatures"], a[f"{key}_exponents"], a[f"{key}_sampled"]
        for column, (sign, name, mark) in enumerate(((1, r"$a$ in $\bar g = p^a g$", "o"), (-1, r"$-m$ of the heat capacity $p^m$", "s"))):
            colour, values = style.MEASURED[column], sign * sampled[:, column]
            ax.plot(eps, sign * exponents[:, column], mark, ms=4.5, mfc="none", color=colour, label=rf"{name}, $N = \infty$")
            ax.errorbar(eps[0] * (0.97 if column else 1.03), values.mean(), style.half_width(values), fmt=mark, ms=4, color=colour, label=f"{name}, i.i.d. keys")
        ax.axhline(limit, color=style.PREDICTED, label=r"predicted, both: $4/(d-2)$")
        ax.axhline(1.1 * limit, color=style.CONTROL, ls="--", label="control: 10 % off")
        ax.set(xlabel=r"temperature $\varepsilon$", ylabel="measured exponent", title=title, xlim=(0, None))
    panels[1].legend(fontsize=7, loc="lower left")
    return figure
