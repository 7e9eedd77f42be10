"""The finite-difference solver converges with order 2 in space and with its stated orders in time."""

from __future__ import annotations

import matplotlib.pyplot as plt

from figures import style

CLAIM = "solver"


def draw(result):
    """Two panels: the error against the spacing, and against the time step of each scheme."""
    a = result.arrays
    figure, (space, time) = plt.subplots(1, 2, figsize=(7.0, 3.1))
    for colour, name in zip(style.MEASURED, ("circle", "sphere"), strict=False):
        style.order_axes(space, a[f"{name}_steps"], a[f"{name}_errors"], 2.0, colour=colour, name=style.label(name), control=a[f"{name}_controls"])
    space.plot([], [], color=style.PREDICTED, label="predicted slope 2")
    space.plot([], [], "s--", ms=3, color=style.CONTROL, label="control: drift 2.2")
    space.set(xlabel="1 / cells of the first axis", ylabel="error against the spectral solution")
    schemes = [key.removeprefix("time_").removesuffix("_errors") for key in a if key.startswith("time_") and key.endswith("_errors")]
    for colour, name in zip(style.MEASURED, schemes, strict=False):
        predicted = result.check(f"{name}: order in time").predicted
        style.order_axes(time, a[f"time_{name}_steps"], a[f"time_{name}_errors"], predicted, colour=colour, name=f"{name}, slope {predicted:g}")
    time.set(xlabel=r"time step", ylabel=r"error against $\exp(TL)$ on the same grid")
    space.legend(fontsize=7)
    time.set_ylim(top=10 * time.get_ylim()[1])
    time.legend(fontsize=7, ncols=2, loc="upper left")
    return figure
