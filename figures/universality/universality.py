"""Seven transformations of the distance give one diffusion, once time is measured by the predicted clock."""

from __future__ import annotations

import matplotlib.pyplot as plt

from figures import style

CLAIM = "universality"
MARKS = "os^vDPX"
FORMULAS = {
    "r**2": r"$r^2$", "r": "$r$", "r**1.5": "$r^{3/2}$", "log(1 + r**2)": r"$\log(1 + r^2)$",
    "geodesic(r**2)": r"geodesic$^2$", "geodesic(r)": "geodesic", "dot product": r"$-x \cdot y$",
}  # fmt: skip


def draw(result):
    """Drift coefficient of every score against the clock, and the error of A^k H at k tau = T, on the last manifold."""
    a, name = result.arrays, result.parameters["manifolds"][-1]
    taus, coefficients, errors = (a[f"{name}_{key}"] for key in ("taus", "coefficients", "errors"))
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.3))
    left.axhline(2.0, color=style.PREDICTED, lw=1)
    left.axhline(2.2, color=style.CONTROL, ls="--")
    for k, score in enumerate(result.parameters["scores"]):
        look = {"color": style.MEASURED[k % len(style.MEASURED)], "marker": MARKS[k % len(MARKS)], "ms": 4}
        if score == "dot product":
            # it equals r^2 here to rounding: an open mark leaves the other to be seen
            look |= {"mfc": "none", "ms": 8, "color": style.PREDICTED, "mew": 0.8}
        left.plot(taus, coefficients[k, :, 1], ls="", **look)
        right.errorbar(taus, errors[k].mean(axis=0), style.half_width(errors[k]), ls="", label=FORMULAS.get(score, score), **look)
    spread, control = a[f"{name}_spread"].mean(axis=0), a[f"{name}_spread_control"].mean(axis=0)
    right.plot(taus, spread[-1] * taus / taus[-1], color=style.PREDICTED, lw=1)
    right.plot(taus, spread, "k_", ms=9, label=r"spread over $\varphi$")
    right.plot(taus, control, "--", color=style.CONTROL)
    style.log_axis(left.xaxis)
    style.log_axis(right.xaxis)
    style.log_axis(right.yaxis)
    left.set(xlabel=r"clock $\tau$", ylabel="drift coefficient", title=f"{style.label(name)}: every $\\varphi$ has drift 2")
    right.set(xlabel=r"clock $\tau$", ylabel=rf"error of $A^k H$ at $k\tau = {result.parameters['time']:g}$", title="... and one evolution, to order 1")
    handles, labels = right.get_legend_handles_labels()
    handles += [plt.Line2D([], [], color=style.PREDICTED, lw=1), plt.Line2D([], [], color=style.CONTROL, ls="--")]
    labels += ["predicted: 2, slope 1", "control: drift 2.2, or one clock 10 % off"]
    figure.legend(handles, labels, loc="outside lower center", ncols=5, fontsize=7)
    return figure
