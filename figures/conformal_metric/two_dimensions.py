"""In d = 2 no conformal factor reaches the drift; attention lifted to M x S^1 has it."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style

CLAIM = "new_metric"
NAMES = {"flat_torus2": "$T^2$", "sphere": "$S^2$"}


def draw(result):
    """Left: the share of L H out of reach against eps. Right: drift coefficient of the lift and of three wrong lifts."""
    a = result.arrays
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.4, 3.2))
    names = [key.removesuffix("_shares") for key in a if key.endswith("_shares") and not key.endswith("sampled_shares")]
    for colour, name in zip(style.MEASURED, names, strict=False):
        eps, sampled = a[f"{name}_temperatures"], a[f"{name}_sampled_shares"]
        left.plot(eps, a[f"{name}_shares"], "o", mfc="none", color=colour, label=rf"{NAMES.get(name, name)}, $N = \infty$")
        left.errorbar(eps[0] * 1.03, sampled.mean(), style.half_width(sampled), fmt="o", ms=4, color=colour, label=f"{NAMES.get(name, name)}, i.i.d. keys")
        left.axhline(float(a[f"{name}_share_predicted"]), color=colour, lw=1)
    left.plot([], [], color=style.PREDICTED, lw=1, label=r"predicted, $\langle|b|^2\rangle/(q + \langle|b|^2\rangle)$")
    left.axhline(0.0, color=style.CONTROL, ls="--", label="control: a metric exists")
    left.set(xlabel=r"temperature $\varepsilon$", ylabel=r"$\min_w \|LH - w\,\Delta H\|^2/\|LH\|^2$", title="$d = 2$: out of reach of every metric", xlim=(0, None))
    top = left.get_ylim()[1]
    left.set_ylim(-0.05 * top, 1.75 * top)
    left.legend(fontsize=6.5, ncols=1)
    name = names[0]
    eps = a[f"{name}_lift_temperatures"]
    rows = (("lift", 2, r"$\rho(x)\rho(y)$: the lift"), ("wrong_query", 4, r"$\rho(x)^2$"), ("wrong_key", 0, r"$\rho(y)^2$"), ("wrong_density", 0, r"tokens $x \sim p$"))
    for k, (key, limit, label) in enumerate(rows):
        colour = style.MEASURED[0] if k == 0 else style.CONTROL
        right.plot(eps, a[f"{name}_{key}"][:, 1], "osD^"[k], ms=4.5, mfc="none", color=colour, label=rf"{label}, $N = \infty$")
        right.axhline(limit, color=style.PREDICTED if k == 0 else style.CONTROL, ls="-" if k == 0 else "--", lw=1)
    sampled = a[f"{name}_lift_sampled"][:, 1]
    right.errorbar(eps[0] * 1.03, sampled.mean(), style.half_width(sampled), fmt="o", ms=4, color=style.MEASURED[0], label="the lift, i.i.d. keys")
    right.set(xlabel=r"temperature $\varepsilon$", ylabel="drift coefficient", title=f"lift of {NAMES.get(name, name)} to $M \\times S^1$", xlim=(0, None), ylim=(-0.5, 6.6))
    right.set_yticks(np.arange(0, 5))
    right.legend(fontsize=6.5, ncols=2, loc="upper left")
    return figure
