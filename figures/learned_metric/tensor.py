"""The learned metric seen by tokens: ellipses of the measured diffusion tensor lie on those of
g_theta^-1, and not on the circles of the metric that was not learned."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import LineCollection

from figures import style
from figures.globe import looking_from
from figures.surface import draw_cells, shaded, visible
from theory.claims import learned_metric as claim
from theory.setting.checks import InputError
from theory.setting.watched import cell_corners

EYE, UP = np.array([0.55, -1.0, 1.25]), np.array([0.0, 0.0, 1.0])
MESH = (72, 40)
SIZE, APART = 0.3, 0.78  # of a semi-axis of length 1, and between the points that are drawn
TURN = np.linspace(0, 2 * np.pi, 61)
LEAST_FACING = 0.35  # cosine at which a tangent plane is too foreshortened for an ellipse
MARKERS = ("o", "s")  # of the longer semi-axis and of the shorter


def draw(judged):
    """Left: ellipses on the surface. Right: their semi-axes along a line of points."""
    cases = [c for c in judged.parameters.cases() if c.surface and c.learned.ambient_dim == 3]
    if not cases:
        raise InputError("manifolds: got no surface in space, expected one for its ellipses")
    case = cases[0]
    figure, (left, right) = plt.subplots(1, 2, figsize=(style.WIDE, 3.4), width_ratios=(1.45, 1))
    draw_ellipses(left, judged, case)
    draw_semi_axes(right, judged, case)
    figure.legend(handles=legend_marks(case), loc="outside lower center", ncols=3, fontsize=7.5)
    return figure


def legend_marks(case):
    """Lines are ellipses on the left and their semi-axes on the right."""
    colour, line = style.colour(case.name), plt.Line2D
    mark = {"color": colour, "ls": "", "ms": 4}
    return [
        line([], [], color=style.PREDICTED, lw=1.8, label=r"predicted: $g_\theta^{-1}$"),
        line([], [], color=style.CONTROL, ls="--", label="rival: $g$, not learned"),
        line([], [], color=colour, lw=0.8, label=f"{claim.GLYPH_SAMPLES} samples, an outline each"),
        line([], [], **mark, marker="o", label="their mean, longer semi-axis"),
        line([], [], **mark, marker="s", mfc="white", label="their mean, shorter semi-axis"),
    ]


def draw_ellipses(ax, judged, case):
    """Predicted wide and grey, every sample a thin outline, the metric of space dashed."""
    m, name, colour = case.density.manifold, case.name, style.colour(case.name)
    corners = cell_corners(m, MESH)
    corners = m.embed(corners.reshape(-1, 2)).reshape(*corners.shape[:2], 3)
    frame = looking_from(EYE, UP)
    draw_cells(ax, frame, corners, shaded(corners, frame))
    points = m.embed(case.glyphs())
    right, wrong = (matrices(judged.curves[f"{name}_glyphs{end}"]) for end in ("", "_rival"))
    # the axis of the projector on a tangent plane that is lost is its normal
    facing = np.abs(np.linalg.eigh(wrong)[1][:, :, 0] @ frame[2])
    shown = apart(points, visible(frame, corners, points) & (facing > LEAST_FACING))
    measured = matrices(judged.arrays[f"{name}_tensors"].astype(float))
    for tensors, options in (
        (right[None], {"colors": style.PREDICTED, "linewidths": 1.8}),
        (measured, {"colors": colour, "linewidths": 0.4}),
        (wrong[None], {"colors": style.CONTROL, "linestyles": (0, (2, 1.5)), "linewidths": 1.0}),
    ):
        outlines = [
            (point + SIZE * outline(tensor)) @ frame.T
            for sample in tensors
            for point, tensor in zip(points[shown], sample[shown], strict=True)
        ]
        ax.add_collection(LineCollection([o[:, :2] for o in outlines], **options))
    row = judged.row(claim.diffusion(name))
    ax.set_title(
        f"{style.label(name)}: unit steps of the diffusion\n"
        f"$N=\\infty$: tensor $\\to J g_\\theta^{{-1}} J^T$ with order {row.measured:.3f} "
        f"[{row.ci_low:.3f}, {row.ci_high:.3f}]",
        fontsize=8,
    )


def apart(points, candidates) -> np.ndarray:
    """Which of the candidates (n,) to draw so that no two ellipses touch, (n,)."""
    kept: list[int] = []
    for k in np.flatnonzero(candidates):
        if all(np.linalg.norm(points[k] - points[j]) > APART for j in kept):
            kept.append(int(k))
    chosen = np.zeros(len(points), dtype=bool)
    chosen[kept] = True
    return chosen


def matrices(entries) -> np.ndarray:
    """Symmetric (..., 3, 3) of entries (..., 6) on and above the diagonal."""
    full = np.empty((*entries.shape[:-1], 3, 3))
    above = np.triu_indices(3)
    full[..., above[0], above[1]] = full[..., above[1], above[0]] = entries
    return full


def outline(tensor) -> np.ndarray:
    """The ellipse (n, 3) of the two largest semi-axes of a tensor (3, 3)."""
    values, vectors = np.linalg.eigh(tensor)
    axes = vectors[:, 1:] * np.sqrt(values[1:])
    return np.stack([np.cos(TURN), np.sin(TURN)], axis=1) @ axes.T


def draw_semi_axes(ax, judged, case):
    """Means of the samples with their intervals, on the predicted lines; the rival's are both 1."""
    name, line = case.name, judged.curves[f"{case.name}_glyph_line"]
    lengths = {
        end: np.sqrt(np.linalg.eigvalsh(matrices(judged.curves[f"{name}_glyph_row{end}"]))[:, 1:])
        for end in ("", "_rival")
    }
    at = case.glyphs()[case.glyph_row(), 0]
    for k, marker in enumerate(MARKERS):
        ax.plot(line, lengths[""][:, 1 - k], color=style.PREDICTED, zorder=2)
        value, low, high = judged.arrays[f"{name}_semi_axes"][:, :, k]
        ax.errorbar(
            at, value, yerr=[value - low, high - value], fmt=marker, ms=3.5, lw=0.8,
            color=style.colour(name), mfc="white" if k else style.colour(name), zorder=3,
        )  # fmt: skip
    ax.plot(line, lengths["_rival"][:, 1], "--", color=style.CONTROL, zorder=1)
    height = case.glyphs()[case.glyph_row()[0], 1]
    first, second = case.density.manifold.symbols
    ax.set(
        xlabel=f"${first}$, at ${second}$ = {height:.2f}", xlim=(line[0], line[-1]),
        ylabel="semi-axes", title="semi-axes along a line",
    )  # fmt: skip
    if np.allclose(line[[0, -1]], (0, 2 * np.pi)):
        ax.set_xticks([0, np.pi, 2 * np.pi], ["0", r"$\pi$", r"$2\pi$"])


def facts(judged):
    """What the ellipses are of."""
    case = next(c for c in judged.parameters.cases() if c.surface)
    eps = case.temperatures()[claim.GLYPH_LEVEL]
    return (
        f"ellipses: {claim.GLYPH_SAMPLES} samples of {claim.GLYPH_TOKENS:,} tokens, ε = {eps:g}, "
        f"p ~ {case.density.text}",
        "bars: scatter of the samples, without the bias of order ε",
    )
