"""Tokens on a bent curve that attend to one another: the curve shortens, tokens gather, and the
clusters rest for long and merge in pairs. Colour: where on the curve a token started."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import FuncAnimation
from matplotlib.colors import LinearSegmentedColormap

from figures import style
from theory.claims import clusters as claim

MOMENTS = (0, 15, 30, 55, 1600)  # steps of the still
WORDS = ("start", "the curve shortens", "tokens gather", "clusters rest", "and merge in pairs")
# round the curve and back again, in colours that every eye tells apart
ORIGIN = LinearSegmentedColormap.from_list(
    "origin", [style.MEASURED[k] for k in (0, 5, 2, 4, 1, 3, 0)]
)
SIZE = 4.0  # square points: a token's disc; that of a cluster is larger by its number of tokens
FILM_INCHES = 4.4


def draw(judged):
    """Five moments, side by side."""
    path, labels = (judged.arrays[key] for key in ("film", "film_places"))
    steps = np.array(claim.film_steps())
    figure, panels = plt.subplots(1, len(MOMENTS), figsize=(style.WIDE, 2.0))
    for ax, moment, words in zip(panels, MOMENTS, WORDS, strict=True):
        frame = int(np.abs(steps - moment).argmin())
        stage(ax, path)
        ax.scatter(**discs(path[frame], labels[frame], 0.6))
        ax.set_title(f"{words}\n{clock(steps[frame])}", fontsize=8)
        ax.set_xlabel(counted(labels[frame]), fontsize=7)
    return figure


def animate(judged):
    """The same as a film."""
    path, labels = (judged.arrays[key] for key in ("film", "film_places"))
    figure, ax = plt.subplots(figsize=(FILM_INCHES, FILM_INCHES))
    stage(ax, path)
    ax.set_title(f"$X \\leftarrow X + h\\,(A X - X)$, $h$ = {claim.FILM_SHARE:g}")
    words = ax.text(0.5, 0.5, "", transform=ax.transAxes, ha="center", va="center", fontsize=9)
    drawn = []

    def show(frame):
        while drawn:
            drawn.pop().remove()
        drawn.append(ax.scatter(**discs(path[frame], labels[frame], 1.5), zorder=3))
        words.set_text(f"{clock(claim.film_steps()[frame])}\n{counted(labels[frame])}")
        return [*drawn, words]

    style.footer(figure, judged, *facts(judged))
    # laid out once: no frame needs more room than another
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    return FuncAnimation(figure, show, frames=len(path))


def stage(ax, path):
    """The curve on which the tokens start, as far as the picture goes."""
    first = np.vstack([path[0], path[0][:1]])
    ax.plot(*first.T, color="#c8c8c8", lw=0.8, zorder=1)
    ax.set(aspect="equal", xticks=[], yticks=[])
    ax.margins(0.08)
    for spine in ax.spines.values():
        spine.set_visible(False)


def discs(points, labels, scale) -> dict:
    """What `scatter` takes for one disc a place: its area is the number of tokens there, its colour
    the mean of theirs round the curve."""
    turns = np.exp(2j * np.pi * np.arange(len(points)) / len(points))
    count = np.bincount(labels)
    centres = np.stack([np.bincount(labels, x) / count for x in points.T], axis=1)
    mean = np.bincount(labels, turns.real) + 1j * np.bincount(labels, turns.imag)
    return {
        "x": centres[:, 0], "y": centres[:, 1], "s": scale * SIZE * count,
        "c": ORIGIN(np.angle(mean) / (2 * np.pi) % 1.0), "linewidths": 0,
    }  # fmt: skip


def clock(step) -> str:
    return f"step {step}, $t$ = {step * claim.FILM_SHARE * claim.FILM_TEMPERATURE:.3g}"


def counted(labels) -> str:
    return f"{len(labels)} tokens at {labels.max() + 1} places"


def facts(judged):
    """The film has a curve, a number of tokens and a temperature of its own."""
    return (
        f"here {claim.FILM_TOKENS} stratified tokens, p ~ {claim.FILM_DENSITY}, "
        f"ε = {claim.FILM_TEMPERATURE:g}, one step of residual attention moves them "
        f"{claim.FILM_SHARE:g} of the way, t = {claim.FILM_SHARE:g} ε a step",
    )
