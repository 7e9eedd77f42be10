"""Two rulers on one curve: equal steps of g and of the new metric; and what attention does to H is
heat under the new metric, not under g."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from theory.claims import conformal_metric as claim
from theory.setting.checks import InputError

MARKS = 24  # of each ruler
OF_GBAR = style.kinds(4)[1]  # of no manifold
LINES = {
    "line under g": ("rival: heat under $g$", "--"),
    "line, unit heat capacity": ("rival: $\\bar g$, heat capacity 1", ":"),
}


def draw(judged):
    """Left: the rulers on the circle. Right: H against the length under each metric."""
    case = ruled(judged)
    figure, (left, middle, right) = plt.subplots(
        1, 3, figsize=(style.WIDE, 3.1), width_ratios=(1.05, 1, 1)
    )
    draw_curve(left, judged, case)
    for ax, metric, name in ((middle, "g", "$g$"), (right, "gbar", r"$\bar g = p^{-4} g$")):
        draw_heat(ax, judged, case, metric)
        ax.set_xlabel(f"length under {name}")
    middle.set_ylabel(f"$H$ at time {claim.TIME:g}")
    right.tick_params(labelleft=False)
    middle.set_title("one ruler: $g$", fontsize=9)
    right.set_title(r"the other: $\bar g$", fontsize=9, color=OF_GBAR)
    handles, labels = middle.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, fontsize=7.5)
    return figure


def ruled(judged) -> claim.Case:
    """The first plane curve of the run; raises InputError where there is none."""
    cases = judged.parameters.evolved_cases()
    plane = [c for c in cases if (c.manifold.dim, c.manifold.ambient_dim) == (1, 2)]
    if not plane:
        raise InputError("manifolds: got no curve in the plane, expected one for the rulers")
    return plane[0]


def marks(judged, case, metric) -> np.ndarray:
    """Chart points (MARKS,) at equal steps of the length under a metric."""
    lengths = judged.curves[f"{case.name}: lengths of {metric}"]
    equal = lengths[-1] * np.arange(MARKS) / MARKS
    return np.interp(equal, lengths, judged.curves[f"{case.name}: line"])


def draw_curve(ax, judged, case):
    """The curve as wide as the density, marks of g inside and of gbar outside."""
    m, p = case.manifold, case.density
    line = judged.curves[f"{case.name}: line"]
    at = m.embed(line[:, None])
    size = np.ptp(at, axis=0).max()
    band = 0.1 * size * p(line[:, None]) / p(line[:, None]).max()
    normal = outwards(at)
    ring = np.concatenate([at + band[:, None] * normal, at[::-1]])
    ax.fill(*ring.T, color=style.colour(m.name), alpha=0.25, lw=0)
    ax.plot(*at.T, color=style.colour(m.name), lw=1.2)
    for metric, side, colour in (("g", -1, style.PREDICTED), ("gbar", 1, OF_GBAR)):
        t = marks(judged, case, metric)
        x, n = m.embed(t[:, None]), np.array([np.interp(t, line, c) for c in normal.T]).T
        start = 0.0 if side < 0 else np.interp(t, line, band)[:, None]
        ends = x + start * n, x + (start + side * 0.075 * size) * n
        ax.plot(*np.stack(ends, axis=1).T, color=colour, lw=1.1)
    ax.set(aspect="equal", xticks=[], yticks=[])
    ax.axis("off")
    ax.set_title(f"{MARKS} equal steps of $g$ (inside)\nand of $\\bar g$ (outside)", fontsize=9)
    row = judged.row(claim.metric(case.name))
    ax.text(
        0.5, 0.5,
        f"$\\bar g = p^a g$\npredicted $a$ = ${row.predicted:g}$\nmeasured ${row.measured:.3f}$\n"
        f"[${row.ci_low:.3f}$, ${row.ci_high:.3f}$]",
        transform=ax.transAxes, ha="center", va="center", fontsize=7.5,
    )  # fmt: skip


def outwards(at):
    """Unit normals (n, 2) of a closed plane curve, away from what it encloses."""
    forward = np.gradient(at, axis=0)
    forward[[0, -1]] = at[1] - at[-2]
    normal = np.stack([forward[:, 1], -forward[:, 0]], axis=1)
    # the enclosed area is positive where the curve runs against the clock
    area = (at[:, 0] * forward[:, 1] - at[:, 1] * forward[:, 0]).sum()
    return np.sign(area) * normal / np.linalg.norm(normal, axis=1, keepdims=True)


def draw_heat(ax, judged, case, metric):
    """H at the start, by attention, and by heat equations, with the ruler's marks below."""
    curves, name = judged.curves, case.name
    line, lengths = curves[f"{name}: line"], curves[f"{name}: lengths of {metric}"]
    ax.plot(
        lengths, case.manifold.function(case.initial)(line[:, None]),
        color="#b0b0b0", lw=0.8, label="start", zorder=1,
    )  # fmt: skip
    for key, (label, dash) in LINES.items():
        ax.plot(lengths, curves[f"{name}: {key}"], dash, color=style.CONTROL, label=label, zorder=1)
    ax.plot(
        lengths, curves[f"{name}: line under gbar"], color=style.PREDICTED, zorder=2,
        label=r"heat under $\bar g$, capacity $p^{4}$",
    )  # fmt: skip
    field = judged.quantities[claim.evolved(name)]
    at = np.interp(field.coordinates[:, 0], line, lengths)
    ax.plot(
        at, field.values[-1, 0, :, 0], "o", ms=3.2, color=style.colour(case.manifold.name),
        label=f"attention $A^k H$, $k$ = {case.steps[-1]}", zorder=3, clip_on=False,
    )  # fmt: skip
    colour = style.PREDICTED if metric == "g" else OF_GBAR
    for other, shade, low in (("g", style.PREDICTED, 0.0), ("gbar", OF_GBAR, 0.045)):
        t = np.interp(marks(judged, case, other), line, lengths)
        ax.vlines(t, low, low + 0.04, transform=ax.get_xaxis_transform(), color=shade, lw=0.9)
    ax.set_xlim(0, lengths[-1])
    low, high = ax.get_ylim()
    ax.set_ylim(low - 0.08 * (high - low), high)
    ax.xaxis.label.set_color(colour)
    ax.set_xticks([0, lengths[-1]], ["0", f"{lengths[-1]:.2f}"])


def facts(judged):
    """The temperature of the evolution, and that the two rulers are of equal length."""
    case = ruled(judged)
    return (
        f"evolution: N = ∞, ε = {claim.TIME / case.steps[-1]:g}, p ~ {case.density.text} (blue band), "
        "both lengths in units in which the curve is as long as under g",
    )
