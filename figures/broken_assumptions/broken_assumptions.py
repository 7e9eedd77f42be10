"""At a wall the generator diverges in a layer of known profile; where H is flat there, the layer stays without diverging."""

from __future__ import annotations

import matplotlib.pyplot as plt

from figures import style

CLAIM = "broken_assumptions"


def draw(result):
    """Two layers in units of the kernel's width: G = phi/Phi on i.i.d. tokens and at N = infinity, and u G where dH/dn = 0."""
    a, eps = result.arrays, result.parameters["temperature"]
    depths, samples = a["depths"], a["samples"]
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.2))
    step = (len(depths) - 1) // (samples.shape[1] - 1)
    left.axhline(0.0, color=style.CONTROL, ls="--", label="control: no layer")
    left.plot(depths, a["layer_predicted"], color=style.PREDICTED, label=r"predicted, $G(u) = \phi(u)/\Phi(u)$")
    left.errorbar(depths[::step], samples.mean(axis=0), style.half_width(samples), fmt="o", ms=4, color=style.MEASURED[0],
                  label=rf"measured, i.i.d. tokens, $\varepsilon = {eps:g}$")  # fmt: skip
    left.plot(depths[::step], a["expected"], color=style.MEASURED[0], lw=0.8, label=r"the same at $N = \infty$")
    finest = a["profiles"][-1].mean(axis=1)
    left.plot(depths[::step], finest[::step], "x", ms=5, color=style.MEASURED[1], label=rf"measured, $N = \infty$, $\varepsilon = {temperature(a, -1)}$")
    left.set(ylabel=r"$(A - I)H \,/\, (\sqrt{2\varepsilon}\,\partial_n H)$", title=r"$\partial_n H \neq 0$: the generator diverges as $2/\sqrt{\pi\tau}$")
    right.axhline(0.0, color=style.CONTROL, ls="--")
    right.plot(depths, a["flat_predicted"], color=style.PREDICTED, label=r"predicted, $u\,G(u)$")
    last = len(a["flat_profiles"]) - 1
    for level, colour, marker in zip((0, last // 2, last), (style.MEASURED[0], style.MEASURED[2], style.MEASURED[1]), "s^x", strict=True):
        right.plot(depths[::step], a["flat_profiles"][level, ::step], marker, ms=4, color=colour,
                   label=rf"measured, $N = \infty$, $\varepsilon = {temperature(a, level)}$")  # fmt: skip
    right.set(ylabel=r"$[(A - I)H/\tau - LH] \,/\, \partial_n^2 H$", title=r"$\partial_n H = 0$: the error does not go away", ylim=(-0.03, 0.4))
    for ax in (left, right):
        ax.set_xlabel(r"depth $u = x/\sqrt{2\varepsilon}$")
        ax.legend(fontsize=7)
    return figure


def temperature(arrays, level) -> str:
    """The temperature of a level, as a formula shows it."""
    mantissa, power = f"{arrays['sqrt_eps'][level] ** 2:.1e}".split("e")
    return rf"{mantissa} \cdot 10^{{{int(power)}}}"
