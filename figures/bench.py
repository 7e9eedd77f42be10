"""Seconds against size, from results/bench.json: dense and nufft attention, and the drift-diffusion
solve."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from simulations.store.files import DamagedError, read_json
from theory.setting.checks import InputError


def read(path: Path) -> dict:
    """The record of `make bench`; raises InputError where there is none."""
    if not path.exists():
        raise InputError(f"{path}: not there, expected the record that `make bench` writes")
    try:
        return read_json(path)
    except DamagedError as error:
        raise InputError(f"{error}; run `make bench` again") from None


def draw(record: dict):
    """Left: attention steps against N, with the peers measured at one N. Right: the solve against
    the grid. Lines: the expected slopes."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(style.WIDE, 3.6))
    for colour, row in zip(style.MEASURED, record["scaling"], strict=False):
        ax = right if row["size"].startswith("cells") else left
        sizes, seconds = np.array(row["sizes"]), np.array(row["seconds"])
        ax.plot(
            sizes,
            seconds,
            "o",
            ms=4,
            color=colour,
            label=f"{row['name']}: slope {row['exponent']:.2f}",
        )
        ax.plot(sizes, seconds[-1] * (sizes / sizes[-1]) ** row["expected"], color=colour, lw=1)
    for marker, row in zip(
        "sD^v<>px",
        (r for r in record["steps"] if "peer" in r and "3 features" in r["problem"]),
        strict=False,
    ):
        n = int(row["problem"].split(",")[0].removeprefix("N = "))
        left.plot(
            n,
            row["peer"],
            marker,
            ms=4,
            mfc="none",
            color=style.CONTROL,
            label=f"{row['peer_name']}, N = {n}",
        )
    solvers = [r for r in record["pde"] if "seconds" in r and r["solver"] != "this project"]
    for marker, row in zip("sD", solvers, strict=False):
        right.plot(
            int(row["cells"].split("x")[0]),
            row["seconds"],
            marker,
            ms=4,
            mfc="none",
            color=style.CONTROL,
            label=row["solver"],
        )
    for ax, what in ((left, "tokens $N$"), (right, "cells an axis")):
        style.log_axis(ax.xaxis)
        style.log_axis(ax.yaxis)
        low, high = ax.get_ylim()
        ax.set(xlabel=what, ylabel="seconds", ylim=(low, high * (high / low) ** 0.75))
        ax.legend(fontsize=7, loc="upper left")
    left.set_title("one attention step; lines: slopes 2 and 1")
    right.set_title("drift-diffusion to $t = 0.5$; line: slope 3")
    return figure
