"""Clusters rest for long: exponentially in their distance, logarithmically in their disorder."""

from __future__ import annotations

import matplotlib.pyplot as plt

from figures import style

CLAIM = "clusters"


def draw(result):
    """Two panels: lifetime of a pair against delta^2/(4 eps), and of a chain against the amplitude of its pairing mode."""
    a = result.arrays
    figure, (left, right) = plt.subplots(1, 2, figsize=(6.8, 3.2))
    left.semilogy(a["pairs_x"], a["pairs_predicted"], color=style.PREDICTED, label=r"predicted $\mathrm{Ei}(\delta^2/4\varepsilon)/4$")
    left.semilogy(a["pairs_x"], a["pairs_control"], "--", color=style.CONTROL, label=r"control $e^{\delta^2/4\varepsilon}/4$")
    left.semilogy(a["pairs_squares"], a["pairs_lifetimes"], "o", ms=4, color=style.MEASURED[0], label="measured")
    left.set(xlabel=r"$\delta^2/(4\varepsilon)$ at the start", ylabel="steps until they merge", title="Two clusters")
    left.legend()
    right.semilogx(a["chain_amplitudes"], a["chain_predicted"], color=style.PREDICTED, label=r"predicted $\log(2\varepsilon/(a^2 u))/\log(\mathrm{multiplier})$")
    right.semilogx(a["chain_amplitudes"], a["chain_control"], "--", color=style.CONTROL, label="control: multiplier without the $-1$")
    right.semilogx(a["chain_amplitudes"], a["chain_lengths"], "o", ms=4, color=style.MEASURED[0], label="measured")
    right.set(xlabel="$u$, first displacement over spacing", ylabel="steps until neighbours merge", title=rf"A chain of clusters, $a^2/4\varepsilon$ = {float(a['chain_square']):g}")
    right.set_ylim(0, 1.5 * a["chain_lengths"].max())
    right.legend(loc="upper right")
    return figure
