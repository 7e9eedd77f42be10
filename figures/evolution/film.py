"""Features on a torus, step by step: attention of one sample, the equation, and what the two differ
by; a twin of attention whose columns are normalised too has no drift and goes elsewhere."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation
from matplotlib.colors import Normalize

from figures import style
from figures.globe import looking_from
from figures.surface import draw_cells, shaded, visible
from theory.claims import evolution as claim
from theory.setting.checks import InputError

MOMENTS = (0, 8, 24)  # steps of the still
TITLES = (
    "attention\n$A^k H$", "equation\n$e^{tL} H$", "attention\nless equation",
    "without drift\nless equation",
)  # fmt: skip
FEATURES = 2  # columns of features; the others are of differences
EYE, UP = np.array([0.75, -0.5, 0.75]), np.array([0.0, 0.0, 1.0])
MESH = (64, 32)  # cells of the surface
SHOWN = 1500  # of the places: more blur, and make a large file
DOT = 6.0  # square points of a place
HOLD = 4  # frames of a step
FILM_HEIGHT, ROW = 2.5, 1.2  # inches: of the film, of a row of the still
BAR = {"orientation": "horizontal", "aspect": 45, "shrink": 0.9, "pad": 0.04}


def draw(judged):
    """Three moments, one below the other."""
    columns = columns_of(judged)
    figure, rows = plt.subplots(
        len(MOMENTS), len(TITLES), figsize=(style.WIDE, ROW * len(MOMENTS) + 0.9)
    )
    view = View(judged)
    for row, moment in zip(rows, MOMENTS, strict=True):
        k = claim.SURFACE_STEPS.index(moment)
        for ax, values, scale, palette in zip(row, columns, *scales(columns), strict=True):
            view.stage(ax)
            view.places(ax, values[k], scale, palette)
        view.name(row[0], clock(judged, k))
    for ax, title in zip(rows[0], TITLES, strict=True):
        ax.set_title(title)
    bars(figure, rows, *scales(columns))
    return figure


def animate(judged):
    """The same as a film."""
    columns, view = columns_of(judged), View(judged)
    figure, panels = plt.subplots(1, len(TITLES), figsize=(style.WIDE, FILM_HEIGHT))
    drawn = []
    for ax, title, values, scale, palette in zip(
        panels, TITLES, columns, *scales(columns), strict=True
    ):
        view.stage(ax)
        drawn.append(view.places(ax, values[0], scale, palette))
        ax.set_title(title)
    # as wide as the longest, so that nothing moves when it changes
    words = view.name(panels[0], clock(judged, len(claim.SURFACE_STEPS) - 1))
    bars(figure, panels[None], *scales(columns))

    def show(frame):
        k = frame // HOLD
        for dots, values in zip(drawn, columns, strict=True):
            dots.set_array(values[k][view.seen])
        words.set_text(clock(judged, k))
        return [*drawn, words]

    style.footer(figure, judged, *facts(judged))
    # laid out once: no frame needs more room than another
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    return FuncAnimation(figure, show, frames=HOLD * len(claim.SURFACE_STEPS))


def columns_of(judged) -> tuple[np.ndarray, ...]:
    """What the four columns show, (steps, places) each, of the places shown; raises InputError for a
    run without the torus.
    """
    if "surface_attention" not in judged.arrays:
        names = ", ".join(judged.parameters.manifolds)
        raise InputError(f"evolution_film: got a run of {names}, expected one of the torus too")
    attention, without = (
        judged.arrays[f"surface_{name}"].astype(np.float64)
        for name in ("attention", "doubly_normalised")
    )
    equation = judged.curves["surface_equation"]
    attention, without, equation = (v[:, :SHOWN] for v in (attention, without, equation))
    return attention, equation, attention - equation, without - equation


def scales(columns) -> tuple[list[Normalize], list[str]]:
    """The scale of each column, and its colours: features share one, and so do differences."""
    features, differences = (np.array(c) for c in (columns[:FEATURES], columns[FEATURES:]))
    largest, others = np.abs(differences).max(), len(columns) - FEATURES
    return (
        [Normalize(features.min(), features.max())] * FEATURES
        + [Normalize(-largest, largest)] * others,
        [style.SEQUENTIAL] * FEATURES + [style.DIVERGING] * others,
    )


def bars(figure, rows, scale, palette):
    """A colour bar under the features, and one under the differences."""
    for part, name in ((slice(FEATURES), "features"), (slice(FEATURES, None), "differences")):
        bar = figure.colorbar(
            plt.cm.ScalarMappable(scale[part][0], palette[part][0]), ax=rows[:, part], **BAR
        )
        bar.ax.tick_params(labelsize=style.SMALL)
        bar.set_label(name, fontsize=style.SMALL, labelpad=1)


class View:
    """The torus from where it is looked at, and the places on it that are seen."""

    def __init__(self, judged):
        m = judged.parameters.tokens_density(claim.SURFACE).manifold
        lines = [np.linspace(a.low, a.high, n + 1) for a, n in zip(m.axes, MESH, strict=True)]
        u = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, m.dim)
        self.corners = m.embed(u).reshape(MESH[0] + 1, MESH[1] + 1, 3)
        self.frame = looking_from(EYE, UP)
        points = judged.arrays["surface_points"][:SHOWN].astype(np.float64)
        self.seen = visible(self.frame, self.corners, points)
        self.at = (points @ self.frame.T)[self.seen, :2]

    def stage(self, ax):
        """The surface, pale."""
        draw_cells(ax, self.frame, self.corners, shaded(self.corners, self.frame), zorder=1)

    def places(self, ax, values, scale, palette):
        """The places that are seen, in the colours of values (places,)."""
        return ax.scatter(
            *self.at.T, c=values[self.seen], s=DOT, norm=scale, cmap=palette, linewidths=0, zorder=2
        )

    @staticmethod
    def name(ax, text):
        """Words on the left of a row."""
        return ax.text(
            -0.02, 0.5, text, transform=ax.transAxes, rotation=90, ha="right", va="center",
            fontsize=8,
        )  # fmt: skip


def clock(judged, k: int) -> str:
    p = judged.parameters
    step = claim.SURFACE_STEPS[k]
    return f"step {step}\n$t$ = {step * p.time / p.n_steps:.3g}"


def facts(judged):
    """What is shown of which tokens."""
    p = judged.parameters.tokens_density(claim.SURFACE)
    return (f"one sample, seen at {SHOWN:,} places", f"{claim.SURFACE}: p ~ {p.text}")
