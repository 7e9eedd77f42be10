"""Uniform tokens on a sphere shrink by mean curvature: R^2 = R_0^2 - 2 d t."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style

CLAIM = "moving_tokens"


def draw(result):
    """R^2 after each step against t = k tau, at the sharpest temperature of the run."""
    a = result.arrays
    figure, ax = plt.subplots(figsize=(4.6, 3.3))
    for colour, (name, d) in zip(style.MEASURED, (("circle", 1), ("sphere", 2)), strict=False):
        check = result.check(f"uniform {name}: fall of R^2 over t at eps -> 0")
        steps = a["spheres_steps"][-1]
        squares = a[f"spheres_{name}_{steps}"]
        t = np.arange(steps + 1) / steps * a["spheres_fall"] / check.predicted
        ax.plot(t, 1 - check.predicted * t, color=colour, lw=1)
        ax.plot(t, 1 - check.control_value * t, "--", color=style.CONTROL, lw=0.8)
        ax.plot(t, squares, "o", ms=4, color=colour, label=f"measured, {style.label(name)}, $d = {d}$")
    ax.plot([], [], color=style.PREDICTED, lw=1, label=r"predicted $R_0^2 - 2 d\,t$")
    ax.plot([], [], "--", color=style.CONTROL, lw=0.8, label="control: 10 % off")
    ax.set(xlabel=r"time $t = k\,\tau$ after $k$ steps", ylabel=r"$R^2$", title="Uniform tokens on a sphere shrink by mean curvature", xlim=(0, None))
    ax.legend()
    return figure
