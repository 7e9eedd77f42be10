"""How many samples and levels an answer needs: a pilot says, and fresh samples measure.

The number of samples is chosen from the scatter of a pilot alone, as in Stein's two-stage procedure
(Annals of Mathematical Statistics 16, 1945), and the second stage draws all its samples anew, so its
intervals cover as often as they say. Rows without samples get one more level.
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
AIM = 0.6  # of what is to be resolved: what is measured lies off the truth by part of a half-width
MOST_LEVELS = 3  # that a second stage adds
LEVEL_COST = 2.0  # by which one more level multiplies what does not depend on the samples
MOST_SAMPLES = 1_000_000
SAME = 1e-6  # of a half-width: closer values would take a billion times the samples, or more
OTHER = "take another density or other features"
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True)
class Plan:
    """What would answer: so many samples and levels in so many seconds, or why neither helps.

    None: as many as there were. seconds = fixed + loops, those of the loops over samples.
    """

    n_samples: int | None
    n_levels: int | None
    fixed: float
    loops: float
    advice: str

    @property
    def seconds(self) -> float:
        return self.fixed + self.loops

    @property
    def helps(self) -> bool:
        return self.n_samples is not None or self.n_levels is not None


def needed_samples(row: Row, n_samples: int, resolution: float) -> float:
    """Samples with which the half-width would be `resolution` of the prediction; inf where the bias
    alone is more.

    Only the standard error shrinks, with the root of their number; what other bases add stays.
    """
    student = student_quantile(CONFIDENCE, row.freedom, row.together) * row.standard_error
    fixed = max(0.0, row.half_width - student)
    allowed = resolution * _size(row) - fixed
    return n_samples * (student / allowed) ** 2 if allowed > 0 else math.inf


def plan(judgement, resolution: float | None = None) -> Plan:
    """What the rows that say too little would need, from one finished run.

    A refuted row has its answer: more samples are no second chance; a row beside the claim needs
    none.
    """
    open_rows = [
        (row, _wanted(row, resolution or (ROW_RESOLUTION if k else HEADLINE_RESOLUTION)))
        for k, row in enumerate(judgement.rows)
        if not row.aside
        and (
            row.verdict == INCONCLUSIVE
            or (row.verdict == SUPPORTED and resolution and row.resolution > resolution)
        )
    ]
    open_rows = [(row, r) for row, r in open_rows if row.kind not in ("identity",)]
    if not open_rows:
        return _nothing("")
    for row, _ in open_rows:
        if same := _indistinguishable(row):
            return _nothing(f"{same!r} predicts what {row.quantity!r} does here: {OTHER}")
    parameters, record = judgement.parameters, judgement.result.record
    names = {f.name for f in dataclasses.fields(parameters)}
    n = getattr(parameters, SAMPLES, 1)
    wanted = {row.quantity: math.inf for row, _ in open_rows}
    if SAMPLES in names:
        wanted |= {row.quantity: needed_samples(row, n, r) for row, r in open_rows if row.freedom}
    by_samples = {q: w for q, w in wanted.items() if math.isfinite(w)}
    levels, more = None, 0
    if len(by_samples) < len(wanted) and LEVELS in names:
        without = [(row, r) for row, r in open_rows if row.quantity not in by_samples]
        coarse = max(row.half_width / (r * _size(row)) for row, r in without)
        levels = _more_levels(parameters, coarse)
        more = 0 if levels is None else levels - getattr(parameters, LEVELS)
    if not by_samples and levels is None:
        return _nothing(_too_coarse(next(iter(wanted)), names))
    # only the loops over samples take longer with their number
    loops = record["loops"].get(str(n), record["seconds"]) if SAMPLES in names else 0.0
    fixed = max(0.0, record["seconds"] - loops) * LEVEL_COST**more
    count, words, reason = None, [], ""
    if by_samples:
        slowest = max(by_samples, key=by_samples.get)
        count = min(most_samples(parameters), max(n, math.ceil(MARGIN * by_samples[slowest])))
        words, reason = [f"--n-seeds {count}"], f" (most is needed by {slowest!r})"
    if levels is not None:
        words.append(f"--n-levels {levels}")
    loops *= (count or n) / n
    advice = (
        f"{' '.join(words)} would answer {len(by_samples) if levels is None else len(wanted)} of "
        f"{len(wanted)} open rows{reason}, in about {in_words(fixed + loops)}"
    )
    return Plan(count, levels, fixed, loops, advice)


def _nothing(advice):
    return Plan(None, None, 0.0, 0.0, advice)


def _wanted(row, resolution):
    """The half-width to aim at, over the prediction: for what it must resolve, and for its rivals."""
    near = [
        abs(r.value - row.predicted) / _size(row) for r in row.rivals.values() if not r.rejected
    ]
    return AIM * min([resolution, *near])


def _size(row):
    return abs(row.predicted) or row.half_width / max(row.resolution, 1e-300) or 1.0


def _more_levels(parameters, coarse):
    """As many levels as half the width each time, at most MOST_LEVELS more; None where no more are
    allowed."""
    levels = getattr(parameters, LEVELS)
    for more in range(min(MOST_LEVELS, max(1, math.ceil(math.log2(coarse)))), 0, -1):
        try:
            dataclasses.replace(parameters, **{LEVELS: levels + more})
        except InputError:
            continue
        return levels + more
    return None


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


def _too_coarse(quantity, names):
    size = "--n-tokens" if "n_tokens" in names else "the sizes of the run"
    return f"more samples do not help {quantity!r}: its bias is too large; raise {size}"


def within(wanted: Plan, parameters, seconds: float) -> Plan:
    """As much of the plan as the seconds allow; of nothing it says what it would take."""
    if wanted.seconds <= seconds:
        return wanted
    n = getattr(parameters, SAMPLES, 1)
    one = wanted.loops / (wanted.n_samples or n)  # seconds
    levels, fixed = wanted.n_levels, wanted.fixed
    while levels is not None and fixed + one * n > seconds:
        levels = levels - 1 if levels - 1 > getattr(parameters, LEVELS) else None
        fixed /= LEVEL_COST
    count = wanted.n_samples
    if count is not None:
        count = min(count, int((seconds - fixed) / one))
        count = count if count > n else None
    if count is None and levels is None:
        return _nothing(f"{wanted.advice}, more than the budget")
    return dataclasses.replace(
        wanted, n_samples=count, n_levels=levels, fixed=fixed, loops=one * (count or n)
    )


def second_stage(parameters, wanted: Plan):
    """The same experiment with so many samples, all drawn anew, and so many levels."""
    more = {}
    if wanted.n_samples is not None:
        more |= {SAMPLES: wanted.n_samples, "seed": parameters.seed + 1}
    if wanted.n_levels is not None:
        more |= {LEVELS: wanted.n_levels}
    return dataclasses.replace(parameters, **more)


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
