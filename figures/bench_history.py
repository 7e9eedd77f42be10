"""Ratios of the benchmark over its recorded runs: seconds of the peers over those of this project,
a line a peer, a panel a kind of problem. Open: runs at small sizes. Above 1 this project is faster."""

from __future__ import annotations

import matplotlib.pyplot as plt
from matplotlib import ticker

from figures import style
from figures.bench import formula, short
from theory.setting.checks import InputError

HEIGHT, MARGIN = 1.5, 0.9  # inches: of a panel, and of what is around all
MOST = 6  # lines a panel
KINDS = {"dense": "dense, single", "single": "dense, single"}


def draw(runs: list[dict]):
    """One panel a kind of engine, with the runs in their order; raises InputError without runs."""
    if not runs:
        raise InputError("docs/bench-history.jsonl: no runs, expected those of `make bench`")
    panels = lines(runs)
    figure, axes = plt.subplots(
        len(panels), 1, sharex=True, squeeze=False,
        figsize=(style.WIDE, HEIGHT * len(panels) + MARGIN), layout="constrained",
    )  # fmt: skip
    for ax, (kind, named) in zip(axes[:, 0], panels.items(), strict=True):
        draw_panel(ax, kind, named, runs)
    last = axes[-1, 0]
    labels = [f"{run['date'][:10]}\n{run['commit']}" for run in runs]
    last.set_xticks(range(len(runs)), labels, fontsize=style.SMALL)
    last.set_xlim(-0.5, len(runs) - 0.5)
    return figure


def lines(runs) -> dict[str, dict[str, list]]:
    """By kind of problem and name: (number of the run, ratio, whether it was quick); the names with
    most runs."""
    found: dict[str, dict[str, list]] = {}
    for number, run in enumerate(runs):
        for name, ratio in run["ratios"].items():
            kind = name.partition(",")[0]
            points = found.setdefault(KINDS.get(kind, kind), {}).setdefault(name, [])
            points.append((number, ratio, run["quick"]))
    return {
        kind: dict(sorted(named.items(), key=lambda item: -len(item[1]))[:MOST])
        for kind, named in found.items()
    }


def draw_panel(ax, kind, named, runs):
    """The ratios of one kind of problem, equal times dashed."""
    ax.axhline(1.0, color=style.CONTROL, ls="--", lw=0.8)
    for colour, (name, points) in zip(style.MEASURED, named.items(), strict=False):
        where, ratios, quick = zip(*points, strict=True)
        ax.plot(where, ratios, "-", color=colour, lw=0.8, label=formula(short(name)))
        for x, y, small in zip(where, ratios, quick, strict=True):
            ax.plot(x, y, "o", ms=4, color=colour, mfc="white" if small else colour)
    style.log_axis(ax.yaxis)
    ax.yaxis.set_major_formatter(ticker.FormatStrFormatter("%g"))
    ax.set_title(f"{kind}: seconds of the peer over ours")
    ax.legend(fontsize=style.SMALL, loc="center left", bbox_to_anchor=(1.0, 0.5))
