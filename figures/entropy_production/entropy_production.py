"""Entropy production per time tends to int |J|^2/rho dV, and depends on the antisymmetric part of the score alone."""

from __future__ import annotations

import matplotlib.pyplot as plt

from figures import style

CLAIM = "entropy_production"
FLOOR = 1e-17


def draw(result):
    """Left: e/tau over its limit against the clock. Right: e of the chains whose matrix was formed, on a logarithmic axis."""
    a = result.arrays
    figure, (rate, exact) = plt.subplots(1, 2, figsize=(8.6, 3.4), width_ratios=(1.25, 1))
    names = manifold_names(result)
    curves = [(a[f"{n}_taus"], a[f"{n}_rates"] / a[f"{n}_predicted"], style.label(n)) for n in names]
    curves += [(a["window_taus"], a["window_rates"] / a["window_predicted"], "circle, sharp window")]
    curves += [(a[f"{names[0]}_taus"], a["rotation_rates"] / a["rotation_predicted"], f"{style.label(names[0])}, uniform, $K$ alone")]
    for (taus, values, name), colour, mark in zip(curves, style.MEASURED, "osD^v<", strict=False):
        rate.plot(taus, values, mark, ms=4, mfc="none", color=colour, label=name)
    sample, limit = a["sample_sample"], a[f"{names[0]}_predicted"]
    jackknife = (2 * sample[:, 0] - sample[:, 1]) / limit
    rate.errorbar(a["sample_sample_tau"] * 1.025, jackknife.mean(), style.half_width(jackknife), fmt="o", ms=4, color=style.MEASURED[0], label=f"{style.label(names[0])}, i.i.d. tokens, else $N = \\infty$")
    rate.axhline(1.0, color=style.PREDICTED, label="predicted limit")
    rate.axhline(1.1, color=style.CONTROL, ls="--", label="control: 10 % off")
    off = a[f"{names[0]}_bound"] / limit
    rate.text(0.98, 0.97, f"control $\\int |2b|^2 \\rho\\,dV$, off the scale: {off:.2f} ({style.label(names[0])})", transform=rate.transAxes, ha="right", va="top", fontsize=7, color="#666666")
    rate.set(xlabel=r"clock $\tau$", ylabel=r"$(e/\tau)\,/\int |J|^2/\rho\,dV$", xlim=(0, None))
    low, high = rate.get_ylim()
    rate.set_ylim(low - 0.6 * (1 - low), high + 0.14 * (high - low))
    rate.legend(fontsize=6.5, loc="lower left")
    _chains(exact, a)
    return figure


def _chains(ax, a):
    rows = (
        ("$W$ symmetric", "symmetric", 0), ("symmetric\n+ query-only\n+ key-only", "parts", 0),
        ("$W_Q \\neq W_K$", "head", 1), ("query part\n× key part", "product", 1),
    )  # fmt: skip
    for row, (_, key, colour) in enumerate(rows):
        ax.plot(max(abs(float(a[f"reversible_{key}"])), FLOOR), row, "o", ms=5, color=style.MEASURED[colour])
        if colour:
            ax.plot(float(a[f"reversible_{key}_identity"]), row, "|", ms=16, color=style.PREDICTED)
    top_k = a["one_sided_top_k"].mean()
    ax.annotate(f"$\\infty$ ({100 * top_k:.0f} % of the steps have no way back)", (1.0, len(rows)), ha="right", va="center", xycoords=("axes fraction", "data"), fontsize=7.5)
    ax.plot([], [], "|", ms=10, ls="none", color=style.PREDICTED, label=r"$\frac{1}{\varepsilon}\sum \pi_i P_{ij} (f_{ji} - f_{ij})$")
    ax.plot([], [], "o", ms=5, ls="none", color=style.MEASURED[0], label="measured, predicted 0: rounding")
    ax.plot([], [], "o", ms=5, ls="none", color=style.MEASURED[1], label="measured")
    ax.set_yticks(range(len(rows) + 1), [*(label for label, *_ in rows), "top-$k$ keys"])
    ax.set(xscale="log", xlabel=r"entropy production $e$ a step (nats)", xlim=(FLOOR / 3, 30), ylim=(len(rows) + 0.5, -1.9))
    ax.legend(fontsize=7, loc="upper left")


def manifold_names(result) -> list[str]:
    """The manifolds of the bias study, by the names its arrays use, in their order."""
    return [k.removesuffix("_currents") for k in result.arrays if k.endswith("_currents")]
