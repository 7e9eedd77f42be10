"""The pictures of the page: tokens with their features beside the equation, how far the two are
apart over time, and the drift. Measured points, predicted lines, rivals grey and dashed."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import Normalize

from figures import style
from figures.explore.joined import Joined
from figures.globe import BARS, PALE, looking_from
from figures.surface import draw_cells, shaded, visible
from theory.setting.checks import InputError
from theory.setting.manifolds import Manifold

TITLES = ("attention, $A^k H$", "equation, $e^{k\\tau L} H$", "attention less equation")
EYE = np.array([0.75, -0.5, 0.55])  # where surfaces are seen from
UP = np.array([0.0, 0.0, 1.0])
MESH = (48, 48)  # cells of a surface
LINE = np.linspace(0.0, 1.0, 401)[:, None]  # along a curve
INCHES = {"fields": 2.9, "sides": 2.6}  # heights
DOT = 7.0  # square points of a token
ARROW = 0.25  # of the extent: the longest predicted or measured arrow


def check_step(shown: Joined, step) -> int:
    """The step as an index; InputError unless it was measured."""
    last = len(shown.measured.features) - 1
    if isinstance(step, bool) or not isinstance(step, int) or not 0 <= step <= last:
        raise InputError(f"step: got {step!r}, expected a whole number from 0 to {last}")
    return step


def fields(shown: Joined, step: int):
    """The tokens in the colours of their features after `step` steps: attention, equation, and
    what they differ by."""
    k = check_step(shown, step)
    measured, equation = shown.measured.features[k], shown.equation[k]
    both = np.concatenate([measured, equation])
    difference = measured - equation
    # or a constant would have no colour, and rounding all of them
    size = max(np.abs(shown.measured.features - shown.equation).max(), 1e-12)
    scales = [Normalize(both.min(), both.max() + 1e-12)] * 2 + [Normalize(-size, size)]
    palettes = [style.SEQUENTIAL] * 2 + [style.DIVERGING]
    figure, panels = plt.subplots(1, 3, figsize=(style.WIDE, INCHES["fields"]))
    view = View(shown)
    for ax, values, scale, palette, title in zip(
        panels, (measured, equation, difference), scales, palettes, TITLES, strict=True
    ):
        view.stage(ax)
        view.tokens(ax, values, scale, palette)
        ax.set_title(title)
        bar = figure.colorbar(
            plt.cm.ScalarMappable(scale, palette), ax=ax, orientation="horizontal", aspect=30,
            shrink=0.85, pad=0.02,
        )  # fmt: skip
        bar.ax.tick_params(labelsize=style.SMALL)
        bar.ax.locator_params(nbins=5)
    return figure


def sides(shown: Joined, step: int):
    """How far attention and equation are apart, over time; the drift; along a curve the features."""
    k = check_step(shown, step)
    curve = shown.choice.p.manifold.dim == 1
    figure, panels = plt.subplots(
        1, 3 if curve else 2, figsize=(style.WIDE, INCHES["sides"] + 0.4 * (not curve))
    )
    over_time(panels[0], shown, k)
    drift_along(panels[1], shown) if curve else drift_on(panels[1], shown)
    if curve:
        profile(panels[2], shown, k)
    return figure


def over_time(ax, shown: Joined, k: int):
    """Root mean squares over the tokens against the time of the equation."""
    right, wrong = shown.distances()
    times = shown.tau * np.arange(len(right))
    ax.plot(times, wrong, "--", color=style.CONTROL, label=f"equation with drift {shown.rival:g}")
    ax.plot(
        times, right, "o", ms=3, color=colour(shown), label=f"equation with drift {shown.drift:g}"
    )
    ax.axvline(times[k], color="#c8c8c8", lw=0.8, zorder=0)
    ax.set(ylim=(0, 1.35 * max(right.max(), wrong.max(), 1e-12)), xlabel="time $k\\tau$")
    ax.set_title("root mean square of attention\nless equation, over the tokens")
    ax.legend(loc="upper left", fontsize=style.SMALL)


def drift_along(ax, shown: Joined):
    """The move of a step along a curve, against its chart coordinate."""
    u, t, tangent = unit_tangents(shown.choice.p.manifold, shown.choice.places)
    measured, arrows = (
        np.einsum("nk,nk->n", moves[u], tangent) for moves in (shown.measured.moves, shown.arrows)
    )
    ax.plot(t, arrows, color=style.PREDICTED, label="$\\tau c\\,\\nabla \\log p$")
    ax.plot(t, measured, "o", ms=3, color=colour(shown), label="measured")
    ax.set_title(f"drift: the move of a step\nalong the curve, c = {shown.drift:g}")
    chart_axis(ax, shown.choice.p.manifold)
    room_above(ax)
    ax.legend(loc="upper right", fontsize=style.SMALL, ncols=2)


def profile(ax, shown: Joined, k: int):
    """The features along a curve."""
    t = shown.measured.tokens.coordinates[:, 0]
    order = np.argsort(t)
    ax.plot(t, shown.measured.features[k], ".", ms=2, color=colour(shown), label="attention")
    ax.plot(t[order], shown.equation[k][order], color=style.PREDICTED, label="equation")
    ax.set_title(f"features along the curve\nafter {k} steps")
    chart_axis(ax, shown.choice.p.manifold)
    room_above(ax)
    ax.legend(loc="upper right", fontsize=style.SMALL, ncols=2)


def drift_on(ax, shown: Joined):
    """The move of a step on a surface: measured arrows on predicted bars."""
    view = View(shown)
    view.stage(ax)
    at, seen = view.places(shown.choice.places)
    vectors = [view.flat(shown.choice.places, v) for v in (shown.arrows, shown.measured.moves)]
    # beside the drift of another normalisation what is none should look small
    largest = max(shown.drift, shown.rival) * view.flat(shown.choice.places, shown.slopes)
    longest = max(np.linalg.norm(v, axis=1).max() for v in (*vectors, largest))
    scale = ARROW * view.extent / longest if longest > 0 else 1.0
    options = (
        BARS | {"width": 0.012, "color": PALE, "zorder": 3},
        {"width": 0.004, "color": colour(shown), "zorder": 4},
    )
    for vector, option in zip(vectors, options, strict=True):
        ax.quiver(
            *at[seen].T, *(scale * vector[seen]).T, angles="xy", scale_units="xy", scale=1, **option
        )
    lines = [
        plt.Line2D([], [], color=colour(shown), lw=1.5), plt.Line2D([], [], color=PALE, lw=4)
    ]  # fmt: skip
    ax.legend(
        lines, ["measured", "$\\tau c\\,\\nabla \\log p$"], loc="lower center", ncols=2,
        bbox_to_anchor=(0.5, -0.3 if view.on_chart else -0.12), fontsize=style.SMALL,
    )  # fmt: skip
    ax.set_title(f"drift: the move of a step along the surface,\n{scale:.3g} times as long, "
                 f"c = {shown.drift:g}")  # fmt: skip


class View:
    """A curve or a surface on the paper: in its plane, seen from an eye, or by its chart."""

    def __init__(self, shown: Joined):
        self.m = m = shown.choice.p.manifold
        self.points = shown.measured.tokens.coordinates
        self.in_space = m.ambient_dim == 3
        self.on_chart = m.ambient_dim > 3
        self.frame = looking_from(EYE, UP)
        if m.dim == 1:
            (axis,) = m.axes
            self.line = self.flat_points(axis.low + axis.length * LINE)
        elif self.in_space:
            self.corners = m.embed(mesh(m)).reshape(MESH[0] + 1, MESH[1] + 1, 3)
        whole = self.flat_points(mesh(m)) if m.dim == 2 else self.line
        self.extent = float(np.ptp(whole, axis=0).max())

    def flat_points(self, u) -> np.ndarray:
        """Chart points (n, d) on the paper, (n, 2)."""
        if self.on_chart:
            return u[:, :2] if self.m.dim == 2 else self.m.embed(u)[:, :2]
        x = self.m.embed(u)
        return (x @ self.frame.T)[:, :2] if self.in_space else x

    def flat(self, u, vectors) -> np.ndarray:
        """Vectors (n, D) along the manifold at chart points u, on the paper, (n, 2)."""
        if self.on_chart:
            slopes = np.einsum("nka,nk->na", self.m.jacobian(u), vectors)
            return np.einsum("nab,nb->na", self.m.inverse_metric(u), slopes)[:, :2]
        return (vectors @ self.frame.T)[:, :2] if self.in_space else vectors

    def places(self, u) -> tuple[np.ndarray, np.ndarray]:
        """Chart points on the paper, (n, 2), and which of them are seen, (n,)."""
        seen = np.ones(len(u), dtype=bool)
        if self.m.dim == 2 and self.in_space:
            seen = visible(self.frame, self.corners, self.m.embed(u))
        return self.flat_points(u), seen

    def stage(self, ax):
        """The manifold itself, pale, and the axes as large as it."""
        if self.m.dim == 1:
            ax.plot(*self.line.T, color="#c8c8c8", lw=0.8, zorder=1)
            ax.margins(0.08)
        elif self.in_space:
            draw_cells(ax, self.frame, self.corners, shaded(self.corners, self.frame), zorder=1)
        ax.set(aspect="equal", xticks=[], yticks=[])
        ax.axis("on" if self.on_chart and self.m.dim == 2 else "off")
        if self.on_chart and self.m.dim == 2:
            first, second = self.m.symbols
            ax.set(xlabel=f"${first}$", ylabel=f"${second}$")

    def tokens(self, ax, values, scale, palette):
        """The tokens that are seen, in the colours of values (n,)."""
        at, seen = self.places(self.points)
        size = DOT * min(1.0, 2000 / len(at))
        ax.scatter(
            *at[seen].T, c=values[seen], s=size, norm=scale, cmap=palette, linewidths=0, zorder=2
        )


def mesh(m: Manifold) -> np.ndarray:
    """Chart points of the corners of MESH cells, (n, d), in C order."""
    lines = [np.linspace(a.low, a.high, n + 1) for a, n in zip(m.axes, MESH, strict=False)]
    return np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, m.dim)


def unit_tangents(m: Manifold, u):
    """(order, t, tangents): places along a curve in order, their coordinate, unit vectors (n, D)."""
    order = np.argsort(u[:, 0])
    tangent = m.jacobian(u[order])[..., 0]
    return order, u[order, 0], tangent / np.linalg.norm(tangent, axis=1, keepdims=True)


def chart_axis(ax, m: Manifold):
    """The axis of a curve's coordinate."""
    style.angle_axis(ax.xaxis)
    ax.set_xlabel(f"${m.symbols[0]}$", labelpad=0)


def room_above(ax):
    """Room for a legend over the data."""
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.3 * (high - low))


def colour(shown: Joined) -> str:
    """That of the manifold, as in all figures."""
    return style.colour(shown.choice.manifold)
