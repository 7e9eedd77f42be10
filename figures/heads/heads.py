"""All 72 heads of a trained sentence encoder: how much of what the score does to the tokens is
explained by the local form (first order in the force) and by transport (copying the nearest key),
and how symmetric the score is.

Below, the same shares against the spread of the scores, beside heads that were not trained.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import ticker

from figures import style
from simulations.store.files import DamagedError, read_json
from theory.setting.checks import InputError

LOCAL, TRANSPORT = style.MEASURED[0], style.MEASURED[1]
LEAST = -0.6  # shares below this stand here
NAMES = {"W_K = W_Q": "$W_K = W_Q$"}
ORDER = ("above", "not told apart", "below")
SHADES = {"above": style.MEASURED[2], "not told apart": "#cccccc", "below": style.MEASURED[3]}


def read(path: Path) -> dict:
    """The record of `make heads`; raises InputError where there is none."""
    if not path.exists():
        raise InputError(f"{path}: not there, expected the record that `make heads` writes")
    try:
        return read_json(path)
    except DamagedError as error:
        raise InputError(f"{error}; run `make heads` again") from None


def draw(record: dict):
    """record: of `make heads`."""
    rows = record["rows"]
    figure = plt.figure(figsize=(style.WIDE, 6.1))
    top, bottom = figure.add_gridspec(2, 1, height_ratios=(2.4, 3.3))
    maps = top.subgridspec(1, 3).subplots(sharey=True)
    shares = ("local", "transport")
    titles = ("local form", "transport form")
    for ax, form, title in zip(maps, shares, titles, strict=False):
        values = grid(rows, lambda row, form=form: row["shares"][form][0])
        image = head_map(ax, values, style.SEQUENTIAL, 0, 1)
        held = grid(rows, lambda row, form=form: row["verdicts"][form] == "supported")
        y, x = np.nonzero(held)
        ax.plot(x, y, "o", ms=3, mfc="white", mec="black", mew=0.6)
        ax.set_title(f"{title} holds (○): {len(x)} heads", fontsize=8)
        bar(figure, image, ax, "share of what the score does", "min")
    symmetry = grid(rows, lambda row: row["matrix"]["symmetry_score"])
    size = np.abs(symmetry).max()
    image = head_map(maps[2], symmetry, style.DIVERGING, -size, size)
    maps[2].set_title("symmetry of $M = W_Q^T W_K$", fontsize=8)
    bar(figure, image, maps[2], r"$2\,|S|^2/|M|^2 - 1$", "neither")
    maps[0].set_ylabel("layer")
    left, right = bottom.subgridspec(1, 2, width_ratios=(1.75, 1)).subplots()
    against_spread(left, rows)
    against_nulls(right, rows)
    facts = (
        f"{record['model'].partition(' ')[0]} · {len(rows)} heads · {record['texts']} sentences of "
        f"{record['tokens'][0]} to {record['tokens'][2]} tokens · a form holds if it explains more "
        "than ½\nof what the score does · bars and verdicts: bootstrap over sentences, 99.9 %"
    )
    figure.text(0.01, 0.006, facts, fontsize=style.SMALL, color=style.CONTROL, va="bottom")
    figure.get_layout_engine().set(rect=(0, 0.055, 1, 0.945), h_pad=0.06)
    return figure


def grid(rows, value) -> np.ndarray:
    """value(row) of every head, (layers, heads)."""
    shape = [1 + max(row[key] for row in rows) for key in ("layer", "head")]
    found = np.full(shape, np.nan)
    for row in rows:
        found[row["layer"], row["head"]] = value(row)
    return found


def head_map(ax, values, colours, low, high):
    """A cell a head."""
    image = ax.imshow(values, cmap=colours, vmin=low, vmax=high, aspect="auto")
    layers, heads = values.shape
    ax.set_xticks(range(0, heads, 2), range(1, heads + 1, 2))
    ax.set_yticks(range(layers), range(1, layers + 1))
    ax.tick_params(labelsize=style.SMALL, length=2)
    ax.set_xlabel("head", fontsize=8)
    ax.spines[:].set_visible(False)
    return image


def bar(figure, image, ax, label, extend):
    """The colours of a map, below it."""
    shown = figure.colorbar(
        image, ax=ax, orientation="horizontal", extend=extend, aspect=22, pad=0.02, shrink=0.9
    )
    shown.set_label(label, fontsize=8)
    shown.ax.tick_params(labelsize=style.SMALL, length=2)


def against_spread(ax, rows):
    """Shares of each head against the spread of its scores; nulls by the local form alone."""
    nulls = [null for row in rows for null in row["nulls"].values()]
    ax.plot(
        [n["spread"] for n in nulls], clipped([n["local"][0] for n in nulls]), ".", ms=2.5,
        color="#9a9a9a", zorder=1, label="local form, heads and tokens of the nulls",
    )  # fmt: skip
    for form, colour, name in (
        ("local", LOCAL, "local form, trained heads"),
        ("transport", TRANSPORT, "transport form, trained heads"),
    ):
        value, low, high = (clipped([row["shares"][form][k] for row in rows]) for k in range(3))
        ax.errorbar(
            [row["spread"] for row in rows], value, yerr=[value - low, high - value], fmt="o",
            ms=3, lw=0.7, capsize=0, color=colour, zorder=3, label=name,
        )  # fmt: skip
    ax.axhline(0, color="black", lw=0.6)
    ax.axhline(0.5, color=style.CONTROL, lw=1.2, ls=":")
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
    ax.xaxis.set_major_formatter(ticker.FormatStrFormatter("%g"))
    ax.xaxis.set_minor_formatter(ticker.NullFormatter())
    ax.set_yticks([LEAST, 0, 0.5, 1], ["less", "0", "½", "1"])
    ax.set(
        ylim=(LEAST - 0.08, 1.05),
        xlabel=r"spread of $f/\varepsilon$ over the keys of a query",
        ylabel="share of what the score does",
    )
    ax.set_title("small spread: local; large: transport (0: uniform attention)", fontsize=8)
    ax.legend(
        fontsize=style.SMALL, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2,
        columnspacing=1, handletextpad=0.3,
    )  # fmt: skip


def clipped(values) -> np.ndarray:
    """Shares, those below LEAST at LEAST."""
    return np.maximum(np.array(values, dtype=float), LEAST)


def against_nulls(ax, rows):
    """How many trained heads the local form explains better than their null."""
    names = list(rows[0]["nulls"])
    for place, name in enumerate(names):
        counts = Counter(row["nulls"][name]["trained"]["local"] for row in rows)
        start = 0
        for word in ORDER:
            n = counts[word]
            ax.barh(place, n, left=start, height=0.55, color=SHADES[word])
            if n >= 5:
                ink = "black" if word == "not told apart" else "white"
                ax.text(
                    start + n / 2, place, n, ha="center", va="center", color=ink,
                    fontsize=style.SMALL,
                )  # fmt: skip
            start += n
        ax.text(0.5, place - 0.33, NAMES.get(name, name), fontsize=style.SMALL, va="bottom")
    ax.set(xlim=(0, len(rows)), ylim=(len(names) - 0.5, -0.7), yticks=[], xlabel="heads")
    ax.set_title("local form: trained against null", fontsize=8)
    handles = [plt.Rectangle((0, 0), 1, 1, color=SHADES[word]) for word in ORDER]
    ax.legend(
        handles, ["trained above", "not told apart", "trained below"], fontsize=style.SMALL,
        loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2, columnspacing=1,
        handletextpad=0.4, handlelength=1,
    )  # fmt: skip
