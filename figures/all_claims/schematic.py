"""What is done to each claim: attention on sampled tokens is measured, the equation is solved apart
from it, and the two meet when the interval is finished."""

from __future__ import annotations

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import Normalize
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from figures import style
from figures.globe import TURN, looking_from
from theory.claims import evolution as claim

MANIFOLD = "sphere"
HEIGHT = 3.2
EYE = looking_from(np.array([1.0, 0.9, 0.8]), np.array([0.0, 0.0, 1.0]))
TOKENS, KEYS, WARM = 500, 36, 0.12  # drawn; in the matrices, and their temperature
MEASURED, PREDICTED, JOINED = "#e3eef7", "#eeeeee", "#fdf0e3"
LANES = {"top": (1.79, 2.95), "bottom": (0.14, 1.3)}  # inches: low and high end of the two
PICTURE = 0.82  # inches: a small picture
COLUMNS = (0.75, 1.95, 3.15, 4.35)  # inches: their middles
JOIN = (5.05, 6.95)  # inches: left and right end of what joins the two


def draw(judgements):
    """judgements: of each claim by its name; the claim `evolution` lends its numbers."""
    judged = judgements["evolution"]
    figure = plt.figure(figsize=(style.WIDE, HEIGHT))
    figure.set_layout_engine("none")
    page = figure.add_axes((0, 0, 1, 1))
    page.set(xlim=(0, style.WIDE), ylim=(0, HEIGHT))
    page.axis("off")
    lane(page, "top", MEASURED, "MEASURED: sampled tokens, Numba kernels (simulations/)")
    lane(page, "bottom", PREDICTED, "PREDICTED: equations, no attention (theory/)")
    wall(page)
    points = tokens(np.random.default_rng(1))
    features = Normalize(*np.percentile(judged.arrays[f"{MANIFOLD}_start"], (0, 100)))
    measured(figure, page, judged, points, features)
    predicted(figure, page, judged, features)
    joined(figure, page, judged)
    return figure


def lane(page, name, colour, title):
    """The ground of one of the two sides, with its name."""
    low, high = LANES[name]
    box = FancyBboxPatch(
        (0.12, low), JOIN[0] - 0.37, high - low, boxstyle="round,pad=0.06", fc=colour, ec="none"
    )
    page.add_patch(box)
    page.text(0.12, high + 0.1, title, fontsize=style.SMALL, weight="bold", va="bottom")


def wall(page):
    """Between the two sides: nothing predicted reaches what measures."""
    y = (LANES["top"][0] + LANES["bottom"][1]) / 2 + 0.09
    page.plot([0.06, JOIN[0] - 0.19], [y, y], color=style.PREDICTED, lw=2.5)
    page.text(
        4.75, y, " the wall ", fontsize=style.SMALL, ha="right", va="center", style="italic",
        bbox={"fc": "white", "ec": "none", "pad": 0.5},
    )  # fmt: skip


def measured(figure, page, judged, points, features):
    """Tokens, scores, kernel, iterated attention."""
    low, high = LANES["top"]
    y = high - PICTURE / 2 + 0.02
    keys = points[np.argsort(points[:KEYS, 2])]
    scores = ((keys[:, None] - keys[None]) ** 2).sum(axis=2) / 4
    weights = np.exp(-scores / WARM)
    weights /= weights.sum(axis=1, keepdims=True)
    globe(picture(figure, COLUMNS[0], y), points)
    matrix(picture(figure, COLUMNS[1], y), scores, "Greys_r")
    matrix(picture(figure, COLUMNS[2], y), weights, "Blues")
    on_sphere(picture(figure, COLUMNS[3], y), judged, judged.arrays[shown()], features)
    words = (
        "tokens $x_i \\sim p$\non a manifold $M$",
        "pseudo-metric\n$f(x_i, x_j)$",
        "Markov kernel\n$a_{ij} \\propto e^{-f_{ij}/\\varepsilon}$",
        "propagation\n$A^k H$",
    )
    label(page, words, low)
    arrows(page, y)


def predicted(figure, page, judged, features):
    """The same setting, the generator, its equation and the solution."""
    low, high = LANES["bottom"]
    y = high - PICTURE / 2 + 0.02
    globe(picture(figure, COLUMNS[0], y), None)
    generator = "$L = \\Delta_g +$\n$2\\langle\\nabla\\log p, \\nabla\\cdot\\rangle$"
    page.text(COLUMNS[1], y, generator, ha="center", va="center", fontsize=9)
    page.text(COLUMNS[2], y, "$\\partial_t H = L H$", ha="center", va="center", fontsize=10)
    on_sphere(picture(figure, COLUMNS[3], y), judged, judged.curves[shown()], features)
    words = (
        "the same $M$\nand density $p$",
        "generator: diffusion\nand drift up $\\log p$",
        "drift-diffusion\nequation",
        "its solution\n$e^{TL} H,\\ T = k\\,\\tau(\\varepsilon)$",
    )
    label(page, words, low)
    arrows(page, y)


def shown():
    """The key of the features at the end, in what was measured and in what is predicted."""
    return f"{MANIFOLD}_shown"


def label(page, words, low):
    for x, text in zip(COLUMNS, words, strict=True):
        page.text(x, low + 0.01, text, ha="center", va="bottom", fontsize=style.SMALL)


def arrows(page, y):
    """From each picture to the next, and from the last to the verdict."""
    ends = [*COLUMNS, JOIN[0] + PICTURE / 2 - 0.02]
    for left, right in pairwise(ends):
        start, end = left + PICTURE / 2 + 0.05, right - PICTURE / 2 - 0.05
        arrow = FancyArrowPatch(
            (start, y), (end, y), arrowstyle="-|>", mutation_scale=8, color="#444444", lw=1
        )
        page.add_patch(arrow)


def joined(figure, page, judged):
    """The verdict: a real row, its interval, the prediction and the rivals."""
    row = judged.row(claim.drift(MANIFOLD, claim.SAMPLES))
    left, right = JOIN
    low, high = LANES["bottom"][0], LANES["top"][1]
    box = FancyBboxPatch(
        (left + 0.06, low), right - left - 0.12, high - low, boxstyle="round,pad=0.06", fc=JOINED,
        ec="none",
    )  # fmt: skip
    page.add_patch(box)
    page.text(
        left, high + 0.1, "VERDICT: the only join", fontsize=style.SMALL, weight="bold", va="bottom"
    )
    ax = figure.add_axes(
        ((left + 0.15) / style.WIDE, 1.05 / HEIGHT, (right - left - 0.3) / style.WIDE, 1.0 / HEIGHT)
    )
    ax.patch.set_alpha(0)
    ax.axvline(row.predicted, color=style.PREDICTED)
    ax.text(row.predicted, 1.02, "predicted", ha="center", va="bottom", fontsize=style.SMALL)
    for name in ("10 % less", "10 % more"):
        rival = row.rivals[name].value
        ax.axvline(rival, color=style.CONTROL, ls="--")
        ax.text(rival, 1.02, "rival", ha="center", va="bottom", fontsize=style.SMALL)
    style.draw_row(ax, 0.5, row, colour=style.colour(MANIFOLD), horizontal=True)
    ax.text(
        row.measured, 0.27, "measured,\nwith its interval", ha="center", va="top",
        fontsize=style.SMALL, color=style.colour(MANIFOLD),
        bbox={"fc": JOINED, "ec": "none", "pad": 1},
    )  # fmt: skip
    values = [row.predicted, *(row.rivals[n].value for n in ("10 % less", "10 % more"))]
    margin = 0.25 * (max(values) - min(values))
    ax.set(
        ylim=(0, 1),
        yticks=[],
        xticks=sorted(values),
        xlim=(min(values) - margin, max(values) + margin),
    )
    ax.spines["left"].set_visible(False)
    ax.tick_params(labelsize=style.SMALL)
    middle = (left + right) / 2
    page.text(
        middle, high - 0.02, "a measurement is finished,\nwith its interval, before\nit meets a "
        "prediction", ha="center", va="top", fontsize=style.SMALL,
    )  # fmt: skip
    ax.set_xlabel("drift coefficient on the sphere", fontsize=style.SMALL)
    page.text(
        middle, low + 0.02, f"{row.verdict}\n(else refuted\nor inconclusive)", ha="center",
        va="bottom", fontsize=style.SMALL,
    )  # fmt: skip


def picture(figure, x, y):
    """Axes for a small picture about a point of the page, in inches."""
    box = (x - PICTURE / 2) / style.WIDE, (y - PICTURE / 2) / HEIGHT
    ax = figure.add_axes((*box, PICTURE / style.WIDE, PICTURE / HEIGHT))
    ax.axis("off")
    return ax


def tokens(rng):
    """Illustration only: tokens on the unit sphere, denser at the upper right (TOKENS, 3)."""
    points = rng.standard_normal((20 * TOKENS, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    keep = rng.random(len(points)) < np.exp(1.5 * (density(points) - 1))
    return points[keep][:TOKENS]


def density(points):
    return (points[:, 0] + points[:, 2]) / np.sqrt(2)


def globe(ax, points):
    """The front of the sphere: tokens, or the density itself as a shade."""
    ax.plot(np.cos(TURN), np.sin(TURN), color="#888888", lw=0.8)
    ax.set(aspect="equal", xlim=(-1.08, 1.08), ylim=(-1.08, 1.08))
    if points is None:
        x, y = np.meshgrid(*[np.linspace(-1, 1, 300)] * 2)
        z = np.sqrt(np.maximum(1 - x**2 - y**2, 0))
        shade = np.exp(1.5 * density(np.stack([x, y, z], axis=-1).reshape(-1, 3) @ EYE))
        inside = x**2 + y**2 < 1
        ax.imshow(
            np.where(inside, shade.reshape(x.shape), np.nan), origin="lower", extent=(-1, 1, -1, 1),
            cmap="Greys", vmin=0,
        )  # fmt: skip
        return
    seen = points @ EYE.T
    seen = seen[seen[:, 2] > 0]
    ax.plot(*seen[:, :2].T, ".", ms=2, color=style.MEASURED[0])


def matrix(ax, values, palette):
    ax.imshow(values, cmap=palette, interpolation="nearest")
    ax.set_aspect("equal")


def on_sphere(ax, judged, values, scale):
    """Features on the front of the sphere, as they were measured or predicted."""
    seen = judged.arrays[f"{MANIFOLD}_points"] @ EYE.T
    front = seen[:, 2] > -0.05
    ax.tricontourf(
        *seen[front, :2].T, values[front], levels=np.linspace(scale.vmin, scale.vmax, 41),
        cmap=style.SEQUENTIAL,
    )  # fmt: skip
    ax.plot(np.cos(TURN), np.sin(TURN), color="#888888", lw=0.8)
    ax.set(aspect="equal", xlim=(-1.08, 1.08), ylim=(-1.08, 1.08))
