"""Where the clock fails: a cubic term of phi leaves order 1/2, and the dot product off the sphere does not converge."""

from __future__ import annotations

import matplotlib.pyplot as plt

from figures import style

CLAIM = "universality"


def draw(result):
    """Errors of (A - I)H/tau against tau, and the clock of r^2 + r^3 with its predicted slowing."""
    a, names = result.arrays, result.parameters["manifolds"]
    name = names[-1]
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.4), width_ratios=(1.25, 1))
    taus = a[f"{name}_cubic_taus"]
    rows = (
        (taus, a[f"{name}_cubic_errors"], 0.5, r"$r^2 + r^3$, clock of $r^2$: slope 1/2"),
        (taus, a[f"{name}_moment_errors"], 1.0, r"$r^2 + r^3$, clock of its moments: slope 1"),
        (a["ellipse_taus"], a["ellipse_errors"], 1.0, r"$r^2$ on an ellipse: slope 1"),
    )
    for colour, (x, errors, slope, text) in zip(style.MEASURED, rows, strict=False):
        style.order_axes(left, x, errors, slope, colour=colour, name=text)
    left.plot(a["ellipse_taus"], a["ellipse_dot_errors"].mean(axis=0), "s--", ms=3, lw=0.8, color=style.CONTROL, label=r"control: $-x \cdot y$ on the ellipse")
    style.log_axis(left.yaxis)
    left.set(xlabel=r"clock $\tau$", ylabel=r"$\|(A - I)H/\tau - L H\|$", ylim=(None, 3e6))
    left.legend(fontsize=7, loc="upper left")
    for colour, manifold in zip(style.MEASURED, names, strict=False):
        check = result.check(f"{manifold}: (1 - clock ratio)/sqrt(eps) of phi = r^2 + r^3 at eps -> 0")
        h = a[f"{manifold}_sqrt_eps"]
        right.plot(h, a[f"{manifold}_cubic_slowing"], "o", ms=4, color=colour, label=f"measured, {style.label(manifold)}")
        right.errorbar(0, check.measured, [[check.measured - check.ci_low], [check.ci_high - check.measured]], fmt="D", ms=4, mfc="w", color=colour)
        right.axhline(check.predicted, color=colour, lw=1)
        right.axhline(1.1 * check.predicted, color=style.CONTROL, ls="--", lw=0.8)
    right.plot([], [], "D", ms=4, mfc="w", color=style.PREDICTED, label="extrapolated")
    right.plot([], [], color=style.PREDICTED, lw=1, label=r"predicted $C_d$ at $\varepsilon \to 0$")
    right.plot([], [], color=style.CONTROL, ls="--", lw=0.8, label="control: 10 % off")
    right.set(xlabel=r"$\sqrt{\varepsilon}$", ylabel=r"(1 $-$ clock ratio)$/\sqrt{\varepsilon}$ of $r^2 + r^3$", xlim=(-0.008, None), ylim=(0.75, 2.3))
    right.legend(fontsize=7, loc="lower left")
    return figure
