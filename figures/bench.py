"""Seconds of the peers over those of this project, from results/bench.json, with the range over
repetitions and the errors of both sides: left of 1 the peer is faster. Beside it, seconds against
size. Open: where a single step pays for the set-up of the engine too."""

from __future__ import annotations

import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import ticker

from figures import style
from simulations.store.files import DamagedError, read_json
from theory.setting.checks import InputError

ROW, MARGIN = 0.205, 1.3  # inches
# of engines and of the grid solver, in the order of the record
OURS, SLOWER = style.MEASURED[0], style.MEASURED[1]
RULE = "#cccccc"
SHORT = {
    "PyTorch SDPA": "PyTorch", "scikit-learn": "sklearn", ", matrix stored": ", stored",
    "ONNX Runtime": "ONNX", "eigsh on pyNFFT3": "eigsh,", "pyNFFT3 ": "", "sklearn Spectral": "Spectral",
    " neighbours": "", "nn.MultiheadAttention": "PyTorch layer",
}  # fmt: skip
METHODS = {
    "Chebyshev series": (OURS, "o-"), "RKL2": (SLOWER, "s-"), "explicit Euler": (style.CONTROL, "D"),
    "scipy expm_multiply": (style.MEASURED[2], "^"), "SUNDIALS RKC2": (style.MEASURED[3], "v"),
    "SUNDIALS RKL2": (style.MEASURED[4], "x"),
}  # fmt: skip


def read(path: Path) -> dict:
    """The record of `make bench`; raises InputError where there is none."""
    if not path.exists():
        raise InputError(f"{path}: not there, expected the record that `make bench` writes")
    try:
        return read_json(path)
    except DamagedError as error:
        raise InputError(f"{error}; run `make bench` again") from None


def draw(record: dict):
    """Left: all ratios, a row a peer, under what both computed. Right, one above the other:
    attention steps against N, and the solve against the grid, with the expected slopes; the error
    of the solve against applications of the operator, where they were counted."""
    groups = ratios(record)
    count = sum(1 + len(rows) for rows in groups.values())
    figure = plt.figure(figsize=(style.WIDE, ROW * count + MARGIN))
    left, right = figure.subfigures(1, 2, width_ratios=(1.75, 1))
    draw_ratios(left.subplots(), groups, count)
    counted = [r for r in record.get("applications", []) if r["method"] in METHODS]
    panels = right.subplots(3 if counted else 2, 1)
    draw_scaling(panels[:2], record)
    if counted:
        draw_applications(panels[2], counted)
    return figure


def ratios(record: dict) -> dict[str, list[tuple]]:
    """By problem: peer, ratio and its range, both errors, and the ratio of one step that pays for
    the set-up, if there is one; the range is a point where a record has none."""
    groups = {}
    rows = record["steps"] + record["spectra"] + record.get("large", []) + record.get("layers", [])
    for row in (r for r in rows if "peer" in r):
        values = [row[key] for key in ("ratio", "ratio_low", "ratio_high")]
        errors = (row["our_error"], row["peer_error"])
        what = f"{row['engine']}, {row['problem']}"
        paying = row.get("ratio with set-up")
        groups.setdefault(what, []).append((row["peer_name"], values, errors, paying))
    ours, *others = record["pde"]
    for row in (r for r in others if r["solver"] != ours["solver"] and "seconds" in r):
        what = f"drift-diffusion to t = 0.5, {row['cells']} cells"
        ratio, errors = row["ratio to ours"], (ours["error"], row["error"])
        values = [ratio, row.get("ratio_low", ratio), row.get("ratio_high", ratio)]
        groups.setdefault(what, []).append((row["solver"], values, errors, None))
    return groups


def draw_ratios(ax, groups: dict, count: int):
    """Peers below what they computed, the ratio as a point with its range, and both errors."""
    names, place = [], 0
    for what, rows in groups.items():
        ax.axhline(place - 0.5, color=RULE, lw=0.6)
        ax.text(0.01, place, formula(what), transform=ax.get_yaxis_transform(), va="center",
                fontsize=style.SMALL)  # fmt: skip
        # the line of equal times leaves out the names
        ax.vlines(1.0, place + 0.5, place + len(rows) + 0.5, color=style.CONTROL, ls="--")
        for peer, (ratio, low, high), errors, paying in rows:
            place += 1
            colour = SLOWER if ratio < 1 else OURS
            ax.errorbar(ratio, place, xerr=[[ratio - low], [high - ratio]], fmt="o", ms=4,
                        color=colour, zorder=3)  # fmt: skip
            if paying:
                ax.plot(paying, place, "o", ms=4, mfc="white", color=colour, zorder=3)
            names.append((place, short(peer)))
            text = " / ".join(style.power_of_ten(e, 0) if e else "0" for e in errors)
            ax.text(1.02, place, text, transform=ax.get_yaxis_transform(), va="center",
                    fontsize=style.SMALL)  # fmt: skip
        place += 1
    ax.text(0.9, count - 0.4, "peer faster", color=SLOWER, ha="right", va="top",
            fontsize=style.SMALL)  # fmt: skip
    ax.text(1.1, count - 0.4, "this project faster", color=OURS, va="top", fontsize=style.SMALL)
    ax.plot([], [], "o", ms=4, mfc="white", color=OURS, label="with the set-up, paid in one step")
    ax.legend(fontsize=style.SMALL, loc="upper center", bbox_to_anchor=(0.5, -0.04))
    ax.text(1.02, -0.8, "errors:\nours / peer's", transform=ax.get_yaxis_transform(),
            va="bottom", fontsize=style.SMALL)  # fmt: skip
    style.log_axis(ax.xaxis)
    ax.xaxis.set_major_formatter(ticker.FormatStrFormatter("%g"))
    low, high = ax.get_xlim()
    ax.set_xlim(min(low / 2.2, 0.05), high)
    ax.set(ylim=(count + 0.7, -0.6), title="seconds of the peer over ours")
    ax.set_yticks([y for y, _ in names], [name for _, name in names], fontsize=style.SMALL)
    ax.tick_params(axis="y", length=0)


def formula(problem: str) -> str:
    """What was computed, its space as a formula and its numbers with commas."""
    problem = re.sub(r"R\^(\d+)", r"$R^{\1}$", problem).replace("N =", "$N$ =")
    problem = re.sub(r"(\d+)x\1", r"$\1^2$", problem).replace("t =", "$t$ =")
    problem = problem.replace("O(N^2)", "$O(N^2)$")
    problem = re.sub(r"\d{4,}", lambda match: f"{int(match[0]):,}", problem)
    return re.sub(r"1e-\d+", lambda match: style.power_of_ten(float(match[0])), problem)


def short(peer: str) -> str:
    """The name of a peer, so that it fits beside the panel."""
    for long, brief in SHORT.items():
        peer = peer.replace(long, brief)
    return peer


def draw_scaling(panels, record: dict):
    """Above: attention steps, a mark an engine. Below: the solve. Lines: slopes only."""
    above, below = panels
    studies = record["scaling"]
    tints = style.shades(OURS, len(studies))
    for colour, mark, row in zip(tints, "os^D", studies, strict=False):
        ax = below if row["size"].startswith("cells") else above
        sizes, seconds = np.array(row["sizes"]), np.array(row["seconds"])
        name = row["name"].partition(", R^3")[0] + row["name"].partition("tolerance")[2]
        name = name.replace(", set up", "").replace(" to t = 0.5, T^2", "")
        name = re.sub(r" 1e-(\d+)", lambda match: f", $10^{{-{int(match[1])}}}$", name)
        ax.plot(sizes, seconds, mark, ms=4, color=colour, label=f"{name}: {row['exponent']:.2f}")
        ax.plot(sizes, seconds[-1] * (sizes / sizes[-1]) ** row["expected"], color=colour, lw=1)
    for ax, what, title in (
        (above, "tokens $N$", "one step; lines: slopes 2, 1"),
        (below, "cells an axis", "the solve; line: slope 3"),
    ):
        style.log_axis(ax.xaxis)
        style.log_axis(ax.yaxis)
        low, high = ax.get_ylim()
        ax.set(xlabel=what, ylabel="seconds", title=title, ylim=(low, high * (high / low) ** 0.6))
        ax.legend(fontsize=style.SMALL, loc="upper left", title="measured slope",
                  title_fontsize=style.SMALL, alignment="left")  # fmt: skip


def draw_applications(ax, rows):
    """Error against applications of the operator, of the solve by each method."""
    for method, (colour, mark) in METHODS.items():
        points = [(r["applications"], r["error"]) for r in rows if r["method"] == method]
        if points:
            label = method.replace("explicit ", "").replace("scipy ", "")
            ax.plot(*zip(*points, strict=True), mark, ms=4, lw=1, color=colour, label=label)
    style.log_axis(ax.xaxis)
    style.log_axis(ax.yaxis)
    low, high = ax.get_ylim()
    ax.set(xlabel="applications of $L$", ylabel="error", title="the solve: error against work",
           ylim=(low, high * (high / low) ** 0.5))  # fmt: skip
    ax.legend(fontsize=style.SMALL, loc="upper right")
