"""The plateau of temperatures of given tokens. Left: the dimension, twice the slope of the logarithm
of the kernel sum, with and without the pairs of a token with itself; shaded: the plateau. Right: what
a step of attention errs by, by the regime map, from too few neighbours and from too long a clock.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from figures import style
from simulations.store.files import DamagedError, read_json
from theory.setting.checks import InputError

LEAST = 1e-3  # errors and shares below this are not drawn
PLATEAU = "#dddddd"


def read(path: Path) -> dict:
    """The record; raises InputError where there is none."""
    if not path.exists():
        raise InputError(
            f"{path}: not there, expected the record that `python -m simulations bandwidth` writes"
        )
    try:
        return read_json(path)
    except DamagedError as error:
        raise InputError(f"{error}; run `python -m simulations bandwidth` again") from None


def draw(record: dict):
    """record: of the command `bandwidth`."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(style.WIDE, 4.3))
    eps = np.array(record["temperatures"])
    dimensions(left, record, eps)
    errors(right, record, eps)
    for ax in (left, right):
        ax.set(xscale="log", xlabel="temperature ε", xlim=(eps[0], eps[-1]))
        plateau(ax, record, eps)
    facts = (
        f"{record['tokens']} · {record['n_tokens']:,} tokens in $R^{{{record['ambient_dim']}}}$ · "
        "intervals: 99.9 %, jackknife over groups of tokens"
    )
    figure.text(0.01, 0.01, facts, fontsize=style.SMALL, color=style.CONTROL, va="bottom")
    figure.get_layout_engine().set(rect=(0, 0.05, 1, 0.95))
    return figure


def plateau(ax, record, eps):
    low, chosen, high = record["plateau"]
    if chosen is not None:
        ax.axvspan(eps[low], eps[high], color=PLATEAU, zorder=0)
        ax.axvline(eps[chosen], color=style.PREDICTED, lw=1)


def dimensions(ax, record, eps):
    """Both curves, and the estimates that know no temperature as lines."""
    value, low, high = np.array(record["dimension"]).T
    nearest = {name: v[0] for name, v in record["nearest"].items() if v is not None}
    top = 1.25 * max(np.max(record["with_own"]), *nearest.values(), 0)
    ax.fill_between(eps, low, high, color=style.MEASURED[0], alpha=0.25, lw=0)
    ax.plot(eps, value, color=style.MEASURED[0], label="other tokens only")
    ax.plot(eps, record["with_own"], color=style.MEASURED[1], label="with the token itself")
    place = record["published"]
    ax.plot(eps[place], record["with_own"][place], "v", ms=5, color=style.MEASURED[1],
            label="its maximum: as published")  # fmt: skip
    for (name, value), dashes in zip(nearest.items(), ("--", ":"), strict=False):
        ax.axhline(value, color=style.CONTROL, ls=dashes, lw=1, label=name)
    ax.set(ylim=(0, top), ylabel=r"dimension, $2\,d\log S/d\log\varepsilon$")
    ax.legend(fontsize=style.SMALL, loc="lower left", bbox_to_anchor=(0, 1))


def errors(ax, record, eps):
    """The error of the map, its two parts, and how much the clock is slowed."""
    clock = np.array(record["clocks"])
    if record["errors"] is not None:
        error = np.array(record["errors"])
        noise = np.sqrt(np.maximum(error**2 - clock**2, 0.0))
        ax.plot(eps, noise, color=style.MEASURED[0], label="noise: too few neighbours")
        ax.plot(eps, error, color=style.PREDICTED, label="both", zorder=1)
    ax.plot(eps, clock, color=style.MEASURED[1], label="bias: clock over squared length")
    ax.plot(
        eps, record["own"], color=style.MEASURED[2], ls="--", label="weight of the token itself"
    )
    ax.axhline(0.1, color=style.CONTROL, lw=0.8, ls=":")
    style.name_control(ax, "10 %", eps[0], 0.1, dx=2)
    ax.set(yscale="log", ylim=(LEAST, 10), ylabel="relative error of $(A - I)H/ε$, by the map")
    ax.legend(fontsize=style.SMALL, loc="lower left", bbox_to_anchor=(0, 1))
