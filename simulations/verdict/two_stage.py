"""How many samples an answer needs: a pilot says, and fresh samples measure.

The number of samples is chosen from the scatter of a pilot alone, as in Stein's two-stage procedure
(Annals of Mathematical Statistics 16, 1945), and the second stage draws all its samples anew, so its
intervals cover as often as they say.
"""

from __future__ import annotations

import dataclasses
import math
import re
from dataclasses import dataclass

from simulations.statistics.intervals import CONFIDENCE, student_quantile
from simulations.verdict.rows import (
    HEADLINE_RESOLUTION,
    INCONCLUSIVE,
    ROW_RESOLUTION,
    SUPPORTED,
    Row,
)
from theory.claims import most_of
from theory.setting.checks import InputError

SAMPLES = "n_seeds"  # the parameter that every sampled experiment has
LEVELS = "n_levels"
MARGIN = 1.1  # on the number of samples: the pilot's scatter is itself an estimate
MOST_SAMPLES = 1_000_000
SAME = 1e-6  # of a half-width: closer values would take a billion times the samples, or more
OTHER = "take another density or other features"
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True)
class Plan:
    """What would answer: so many samples in so many seconds, or why samples do not help."""

    n_samples: int | None
    seconds: float
    advice: str


def needed_samples(row: Row, n_samples: int, resolution: float) -> float:
    """Samples with which the row would resolve so much; inf where its bias alone is more.

    Only the standard error shrinks, with the root of their number; what other bases add stays.
    """
    student = student_quantile(CONFIDENCE, row.freedom, row.together) * row.standard_error
    fixed = max(0.0, row.half_width - student)
    size = abs(row.predicted) or row.half_width / max(row.resolution, 1e-300)
    allowed = resolution * size - fixed
    return n_samples * (student / allowed) ** 2 if allowed > 0 else math.inf


def plan(judgement, resolution: float | None = None) -> Plan:
    """What the rows that say too little would need, from one finished run.

    A refuted row has its answer: more samples are no second chance.
    """
    parameters, record = judgement.parameters, judgement.result.record
    names = {f.name for f in dataclasses.fields(parameters)}
    open_rows = [
        (row, resolution or (HEADLINE_RESOLUTION if k == 0 else ROW_RESOLUTION))
        for k, row in enumerate(judgement.rows)
        if row.verdict == INCONCLUSIVE
        or (row.verdict == SUPPORTED and resolution and row.resolution > resolution)
    ]
    open_rows = [(row, r) for row, r in open_rows if row.kind not in ("identity",)]
    if not open_rows:
        return Plan(None, 0.0, "")
    for row, _ in open_rows:
        if same := _indistinguishable(row):
            return Plan(None, 0.0, f"{same!r} predicts what {row.quantity!r} does here: {OTHER}")
    sampled = [(row, r) for row, r in open_rows if row.freedom]
    if not sampled or SAMPLES not in names:
        return Plan(None, 0.0, _levels_advice(open_rows, names, parameters))
    n = getattr(parameters, SAMPLES)
    wanted = {row.quantity: needed_samples(row, n, r) for row, r in sampled}
    finite = {q: w for q, w in wanted.items() if math.isfinite(w)}
    if not finite:
        return Plan(None, 0.0, _levels_advice(open_rows, names, parameters))
    slowest = max(finite, key=finite.get)
    count = min(most_samples(parameters), max(n, math.ceil(MARGIN * finite[slowest])))
    # only the loops over samples take longer
    loops = record["loops"].get(str(n), record["seconds"])
    cost = max(0.0, record["seconds"] - loops) + loops * count / n
    advice = (
        f"--n-seeds {count} would answer {len(finite)} of {len(open_rows)} open rows "
        f"(most is needed by {slowest!r}), in about {in_words(cost)}"
    )
    return Plan(count, cost, advice)


def _indistinguishable(row):
    """A rival that no number of samples rejects: its value is the prediction itself."""
    for name, rival in row.rivals.items():
        if not rival.rejected and abs(rival.value - row.predicted) < SAME * row.half_width:
            return name
    return None


def most_samples(parameters) -> int:
    """As many samples as the second stage may be asked for: what the machine can hold."""
    (field,) = (f for f in dataclasses.fields(parameters) if f.name == SAMPLES)
    return min(MOST_SAMPLES, most_of(parameters, field))


def _levels_advice(open_rows, names, parameters):
    quantity = open_rows[0][0].quantity
    if LEVELS in names:
        levels = getattr(parameters, LEVELS)
        return f"--n-levels {levels + 1} would tell more of {quantity!r}: its limit still moves"
    size = "--n-tokens" if "n_tokens" in names else "the sizes of the run"
    return f"more samples do not help {quantity!r}: its bias is too large; raise {size}"


def second_stage(parameters, n_samples: int):
    """The same experiment with so many samples, all of them drawn anew."""
    return dataclasses.replace(parameters, **{SAMPLES: n_samples, "seed": parameters.seed + 1})


def in_words(seconds: float) -> str:
    """A run time as people say it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def read_resolution(text: str) -> float:
    """A relative error from "5%" or "0.05"; raises InputError outside (0, 1)."""
    try:
        value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        value = math.nan
    if not 0 < value < 1:
        raise InputError(f"resolution: got {text!r}, expected a share such as 5%")
    return value


def read_budget(text: str) -> float:
    """Seconds from "90s", "2m" or "1h"; raises InputError for anything else."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text.strip())
    seconds = float(match[1]) * _UNITS[match[2] or "s"] if match else 0.0
    if not seconds > 0:
        raise InputError(f"budget: got {text!r}, expected a time such as 90s, 2m or 1h")
    return seconds
