"""Measured quantities of a sweep against the parameter that was varied first, each with its
interval; predictions as dashes, where the points were judged."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from simulations.store.files import read_record
from simulations.sweeps.table import read_csv
from theory.setting.checks import InputError, choice, one_of

RECORD = {"claim": str, "varied": [str], "lists": {str: list}, "measured": int, "failed": [dict]}
MOST_PANELS = 6  # that a page shows by default; --quantity picks others
COLUMNS, HEIGHT = 2, 2.1  # panels side by side, and inches of each
SPREAD = 0.5  # share of the room between neighbours that the series take up


def read(folder: Path) -> tuple[dict, list[dict]]:
    """The record and the rows of a sweep; raises InputError where there is none."""
    for name in ("sweep.json", "table.csv"):
        if not (folder / name).exists():
            raise InputError(
                f"{folder / name}: not there, expected what `python -m simulations sweep` writes"
            )
    return read_record(folder / "sweep.json", RECORD), read_csv(folder / "table.csv")


def draw(record: dict, rows: list[dict], quantities=(), x: str | None = None):
    """A panel a quantity. x: the parameter of the axis; by default the first that has several
    values, without those of the seeds."""
    varied = [name for name in record["varied"] if name != "seed"]
    known = list(dict.fromkeys(row["quantity"] for row in rows))
    for name in quantities:
        if name not in known:
            raise InputError(f"quantity: got {name!r}, expected {choice(name, known)}")
    shown = list(quantities) or known[:MOST_PANELS]
    x = (
        one_of("x", x, record["lists"])
        if x is not None
        else (varied or record["varied"] or ["seed"])[0]
    )
    others = [name for name in varied if name != x]
    series = sorted(
        {tuple(row[name] for name in others) for row in rows}, key=lambda s: list(map(_number, s))
    )
    places = _places(rows, x)
    columns = min(COLUMNS, len(shown))
    lines = -(-len(shown) // columns)
    figure, axes = plt.subplots(
        lines, columns, figsize=(style.WIDE, HEIGHT * lines + 0.5), squeeze=False, sharex=True
    )
    colours = style.shades(style.MEASURED[0], len(series))
    for ax, quantity in zip(axes.flat, shown, strict=False):
        for k, values in enumerate(series):
            own = [
                row
                for row in rows
                if row["quantity"] == quantity and tuple(row[n] for n in others) == values
            ]
            _points(ax, own, x, places, (k, len(series)), colours[k], _label(others, values))
        ax.set_title(_wrapped(quantity), fontsize=style.SMALL + 1)
        ax.margins(x=0.12)
    for ax in list(axes.flat)[len(shown) :]:
        ax.set_axis_off()
    for ax in axes.flat[max(0, len(shown) - columns) : len(shown)]:
        _axis(ax, x, places)
        ax.tick_params(labelbottom=True)  # also above a place that is empty
    handles, labels = axes[0, 0].get_legend_handles_labels()
    if labels:
        figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=style.SMALL)
    figure.suptitle(_title(record, len(known) - len(shown)), fontsize=style.SMALL + 1)
    return figure


def _points(ax, rows, x, places, turn, colour, label):
    """The rows of one series, side by side with the others; measurements of several seeds too."""
    groups = {}
    for row in rows:
        groups.setdefault(row[x], []).append(row)
    for value, group in groups.items():
        for j, row in enumerate(group):
            numbers = [_float(row[key]) for key in ("value", "low", "high", "predicted")]
            if not np.isfinite(numbers[0]):
                continue
            measured, low, high, predicted = numbers
            k, count = turn
            share = (k * len(group) + j + 0.5) / (count * len(group)) - 0.5
            place = places[value] + SPREAD * share
            bars = np.nan_to_num([[measured - low], [high - measured]])
            face = "white" if row["verdict"] == "refuted" else colour
            ax.errorbar(place, measured, yerr=np.maximum(bars, 0), fmt="o", ms=3, color=colour,
                        mfc=face, capsize=1.5, lw=0.9, label=label, zorder=3)  # fmt: skip
            label = None
            if np.isfinite(predicted):
                width = 0.4 * SPREAD / (count * len(group))
                ax.hlines(predicted, place - width, place + width, color=style.PREDICTED, lw=1)


def _places(rows, x):
    """Where the values of the parameter stand: in their order, evenly."""
    values = sorted({row[x] for row in rows}, key=_number)
    return {value: float(k) for k, value in enumerate(values)}


def _axis(ax, x, places):
    names = [_short(value) for value in places]
    crowded = max(map(len, names)) * len(names) > 45
    ax.set_xticks(
        list(places.values()), names, fontsize=style.SMALL, rotation=30 if crowded else 0,
        ha="right" if crowded else "center",
    )  # fmt: skip
    ax.set_xlabel(x.replace("_", " "))


def _title(record, left):
    failed = len(record["failed"])
    parts = [f"sweep of {record['claim']}: {record['measured']} points"]
    parts += [f"{failed} failed"] * bool(failed)
    parts.append("bars: 99.9 % intervals; black: predicted; hollow: refuted")
    parts += [f"{left} more quantities in the table"] * bool(left)
    return " · ".join(parts)


def _label(names, values):
    parts = [f"{n.replace('_', ' ')} {_short(v)}" for n, v in zip(names, values, strict=True)]
    return ", ".join(parts) or None


def _short(value):
    number = _float(value)
    if not np.isfinite(number):
        return value
    return f"{number:,.0f}" if number == round(number) and abs(number) < 1e9 else f"{number:g}"


def _number(value):
    """Numbers in their order, then texts in theirs."""
    number = _float(value)
    return (0, number, "") if np.isfinite(number) else (1, 0.0, str(value))


def _float(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return float("nan")


def _wrapped(name, width=52):
    words, lines = name.split(), [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)
