"""The shipped measurements give the shipped verdicts, and figures that can be read.

A claim is judged once for both, which is most of the time that this file takes.
"""

from __future__ import annotations

from functools import cache

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.text import Text

import figures
from figures import bench, readme, style
from simulations.store.files import read_json
from simulations.verdict.join import judge
from simulations.verdict.reference import shipped
from theory.claims import claims

DPI = 100
TOUCHING = 2  # pixels, of 100 in an inch: less is no overlap
NAMES = [*figures.names(), *figures.openers(), "bench"]


@cache
def judged(claim):
    return judge(shipped(claim))


def drawn(name):
    """The figure on its canvas, all layouts done."""
    if name == "bench":
        figure = bench.draw(read_json(readme.BENCH))
    elif name in figures.openers():
        figure = figures.load(name).draw({claim: judged(claim) for claim in claims()})
    else:
        figure = figures.draw(name, judged(figures.claim_of(name)))
    figure.set_dpi(DPI)
    figure.canvas.draw()
    return figure


def hidden(axes):
    """Labels of ticks beyond the ends of an axis, and of axes that are switched off."""
    for ax in axes:
        for axis in (getattr(ax, f"{k}axis") for k in "xyz" if hasattr(ax, f"{k}axis")):
            low, high = sorted(axis.get_view_interval())
            slack = 1e-6 * (high - low)
            ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
            for tick in ticks:
                if not ax.axison or not low - slack <= tick.get_loc() <= high + slack:
                    yield from (tick.label1, tick.label2)
            if not ax.axison:
                yield from (axis.label, axis.offsetText)


def texts(figure):
    """All letters that are drawn, with their boxes (x0, y0, x1, y1) in pixels."""
    unseen = {id(text) for text in hidden(figure.axes)}
    for text in figure.findobj(Text):
        if id(text) in unseen or not text.get_visible() or not text.get_text().strip():
            continue
        # what is around an annotation's letters, its arrow, is no letter
        yield text, np.array(Text.get_window_extent(text).extents)


def crossing(a, b) -> bool:
    """Whether two boxes overlap by more than touching."""
    return bool(np.all(np.minimum(a, b)[2:] - np.maximum(a, b)[:2] > TOUCHING))


def overlaps(figure):
    found = list(texts(figure))
    return [
        (one.get_text(), other.get_text())
        for k, (one, a) in enumerate(found)
        for other, b in found[k + 1 :]
        if crossing(a, b)
    ]


def cut_off(figure):
    """Letters that leave the paper."""
    paper = np.array([*figure.bbox.extents])
    off = TOUCHING * np.array([-1, -1, 1, 1])
    return [
        text.get_text()
        for text, box in texts(figure)
        if np.any((box - paper - off)[:2] < 0) or np.any((box - paper - off)[2:] > 0)
    ]


def marked(ax):
    """Lines of the data in pixels, (n, 2) at small steps, and the radius of their marks."""
    for line in ax.lines:
        path = line.get_transform().transform_path(line.get_path()).vertices
        path = path[np.isfinite(path).all(axis=1)]
        if line.get_linestyle() not in ("None", "", " ") and len(path) > 1:
            at = np.linspace(0, len(path) - 1, 2000)
            each = [np.interp(at, np.arange(len(path)), path[:, k]) for k in (0, 1)]
            path = np.stack(each, axis=1)
        mark = line.get_marker() not in ("None", "", " ", None)
        if line.get_visible():
            yield path, line.get_markersize() / 2 * DPI / 72 if mark else 0.0


def covered(figure):
    """Letters in a panel, or entries of its legend, that lie on its data.

    Letters on a ground of their own interrupt a line.
    """
    found = []
    for ax in (ax for ax in figure.axes if isinstance(ax, Axes)):
        legend, lines = ax.get_legend(), list(marked(ax))
        bare = [text for text in ax.texts if text.get_bbox_patch() is None]
        for text in [*bare, *(legend.get_texts() if legend else [])]:
            box = np.array(Text.get_window_extent(text).extents)
            if any(
                np.any(
                    np.all((at > box[:2] + TOUCHING - r) & (at < box[2:] - TOUCHING + r), axis=1)
                )
                for at, r in lines
            ):
                found.append(text.get_text())
    return found


def small(figure):
    return [text.get_text() for text, _ in texts(figure) if text.get_fontsize() < style.SMALL]


def contrast(colour) -> float:
    """WCAG's contrast with white."""
    channels = np.array(to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return 1.05 / (float(linear @ [0.2126, 0.7152, 0.0722]) + 0.05)


@pytest.mark.parametrize("claim", claims())
def test_the_shipped_measurements_give_the_shipped_verdicts(claim):
    (record,) = (r for r in readme.records()["verdicts"] if r["claim"] == claim)
    rows = judged(claim).rows
    assert [row.quantity for row in rows] == [c["quantity"] for c in record["checks"]]
    for row, check in zip(rows, record["checks"], strict=True):
        assert row.verdict == check["verdict"]
        for key in ("predicted", "measured", "ci_low", "ci_high"):
            assert getattr(row, key) == pytest.approx(check[key], rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_a_figure_can_be_read(name):
    figure = drawn(name)
    try:
        assert figure.get_figwidth() in (style.WIDE, style.NARROW)
        for wrong in (small, overlaps, cut_off, covered):
            assert wrong(figure) == [], wrong.__name__
    finally:
        plt.close(figure)


def test_rivals_show_on_white():
    # WCAG's least contrast of graphics
    assert contrast(style.CONTROL) > 3 > contrast("#999999")


def test_letters_that_collide_are_seen():
    """The checks above are worth what they catch."""
    figure, ax = plt.subplots(figsize=(style.NARROW, 2.0))
    ax.text(0.1, 0.5, "first", transform=ax.transAxes)
    ax.text(0.12, 0.52, "second", transform=ax.transAxes, fontsize=6)
    ax.text(0.9, 0.2, "a long line of letters", transform=ax.transAxes)
    ax.plot([0, 1], [0, 1], label="along the diagonal")
    ax.legend(loc="upper right")
    figure.set_layout_engine("none")
    figure.set_dpi(DPI)
    figure.canvas.draw()
    assert overlaps(figure) == [("first", "second")]
    assert small(figure) == ["second"]
    assert cut_off(figure) == ["a long line of letters"]
    assert covered(figure) == ["along the diagonal"]
    plt.close(figure)
