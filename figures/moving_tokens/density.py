"""The density that moving tokens carry along needs |Hvec|^2 beside the backward heat equation."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style

CLAIM = "moving_tokens"


def draw(result):
    """d log p/dt following a token, against the chart, on the closed curve of the run; without |Hvec|^2 in grey."""
    a = result.arrays
    name = next(str(n) for n in a["manifolds"] if f"{n}_density_chart" in a)
    chart, rates = a[f"{name}_density_chart"], a[f"{name}_density_rates"]
    # of a surface, the run of marked tokens along the last axis
    shown = np.flatnonzero(np.isclose(chart[:, 0], chart[0, 0])) if chart.shape[1] > 1 else np.arange(len(chart))
    t = chart[shown, -1]
    curvature, bending = a[f"{name}_density_curvature"][shown], a[f"{name}_density_bending"][shown]
    figure, ax = plt.subplots(figsize=(4.8, 3.3))
    ax.plot(t, curvature - 2 * bending, color=style.PREDICTED, label=r"predicted $|\vec H|^2 - 2\,\Delta \log p$")
    ax.plot(t, -2 * bending, "--", color=style.CONTROL, label=r"control $-2\,\Delta \log p$")
    few = slice(None, None, max(1, len(t) // 50))
    ax.plot(t[few], rates[0, shown][few], "o", ms=3, mfc="w", mew=0.8, color=style.MEASURED[0],
            label=rf"measured at $\varepsilon$ = {a['temperatures'][0]:g}")  # fmt: skip
    ax.plot(t[few], (2 * rates[-1] - rates[-2])[shown][few], "o", ms=3, color=style.MEASURED[1], label=r"measured, $\varepsilon \to 0$")
    ax.set(xlabel="$t$, along the ellipse" if name == "ellipse" else "chart", ylabel=r"$d \log p/dt$ following a token",
           title="Bending the manifold thickens the density")  # fmt: skip
    ax.legend(fontsize=7)
    return figure
