"""Received attention: floors, and the rate at which softmax explains a token away."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style

CLAIM = "normalisations"
CURVES = (
    ("dot product", "softmax of $x \\cdot y$", 1),
    ("metric", "softmax of $-|x-y|^2/2$", 0),
    ("doubly normalised", "doubly normalised $x \\cdot y$", 2),
)


def draw(result):
    """Left: attention received by each key, sorted. Right: -T log received against its limit, at falling temperatures."""
    a = result.arrays
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.2))
    for key, label, colour in CURVES:
        received = a[f"received: {key}"]
        left.plot(np.arange(1, len(received) + 1) / len(received), received, color=style.MEASURED[colour], label=label)
    left.axhline(1 / len(received), color=style.PREDICTED, ls="--", lw=1, label="predicted floor $1/N$")
    left.set_yscale("log")
    left.set(xlabel="share of the keys, sorted", ylabel=r"received attention $\sum_i a_{ij}$", title="Softmax of a dot product explains keys away", ylim=(None, 1e5))
    left.legend(fontsize=7, loc="upper left")
    predicted, n = a["rate_predicted"], len(a["rate_predicted"])
    colours = plt.get_cmap(style.SEQUENTIAL)(np.linspace(0.1, 0.85, len(a["rates"])))
    for rates, t, colour in zip(a["rates"], a["rate_temperatures"], colours, strict=True):
        right.plot(predicted, rates, ".", ms=2.5, color=colour, label=f"$T = {t:.2g}$, allowed error {t * np.log(n):.2g}")
    line = np.array([0, predicted.max()])
    right.plot(line, line, color=style.PREDICTED, lw=1, label="predicted limit")
    right.set(xlabel=r"$\min_i(\max_k s_{ik} - s_{ij})$", ylabel=r"$-T\,\log$ received$_j$", title="Rate of vanishing as $T \\to 0$")
    right.set_ylim(-0.5, 1.05)
    right.legend(fontsize=7, loc="upper left", markerscale=3)
    return figure
