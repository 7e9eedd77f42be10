"""The chapter on what learns: metric-attention against self-attention, as far as it was run.

Its claims need more than the core and are counted nowhere else; what was not run says so, and names
the command.
"""

from __future__ import annotations

from pathlib import Path

from simulations.store.files import DamagedError
from simulations.store.results import found, run_name
from simulations.store.sources import ROOT
from simulations.verdict.join import Judged, judge
from simulations.verdict.reference import FOLDER, shipped
from simulations.verdict.rows import INCONCLUSIVE, REFUTED, SUPPORTED
from theory import claims as claims_
from theory.claims import metric_attention

STUDY, LINK = "metric_attention", "learned_scores"
COMMANDS = {STUDY: "make learn", LINK: "make learned_scores"}
# in the order of the chapter; the study's own figure is the forest of effects
FIGURES = {
    STUDY: (
        "metric_attention_learning_curves", "metric_attention", "metric_attention_arms",
    ),
    LINK: (
        "learned_scores", "learned_scores_spectra", "learned_scores_depth", "learned_scores_signs",
    ),
}  # fmt: skip
# beside the page, as the claim names it, or the part of the theory that says it
PROTOCOL, THEORY = "docs/metric_attention_protocol.md", "docs/theory.md#metric-attention"


def learned(root: Path, folder: Path = FOLDER) -> dict[str, Judged]:
    """Those of the two claims whose reference run is in the results folder, or as it ships."""
    done = {name: _reference(name, root, folder) for name in (STUDY, LINK)}
    return {name: judge(result) for name, result in done.items() if result is not None}


def _reference(name, root, folder):
    parameters = claims_.load(name).Parameters()
    result = found(root / name / run_name(parameters, parameters))
    if result is not None or not (folder / f"{name}.json").exists():
        return result
    try:
        result = shipped(name, folder)
    except DamagedError:
        return None
    # shipped before the claim was changed: it is of another study
    return result if result.is_of(name, parameters) else None


def own_figures(judgements: dict[str, Judged]) -> list[str]:
    """The figures of the chapter, by name, of what was run."""
    return [name for claim in judgements for name in FIGURES[claim]]


def chapter(judgements: dict[str, Judged]) -> list[dict]:
    """The parts of the chapter: the study, then its link to the theory."""
    return [_part(name, judgements.get(name)) for name in (STUDY, LINK)]


def protocol() -> str:
    """The link to the protocol from the folder of the page."""
    return f"../../{PROTOCOL if (ROOT / PROTOCOL).exists() else THEORY}"


def _part(name, judged):
    claim = claims_.load(name).CLAIM
    part = {"claim": claim, "command": COMMANDS[name], "protocol": protocol(), "judged": judged}
    if judged is None:
        return part
    verdicts = [row.verdict for row in judged.rows]
    return part | {
        "counts": {v: verdicts.count(v) for v in (SUPPORTED, REFUTED, INCONCLUSIVE)},
        "figures": FIGURES[name],
        "arms": judged.parameters.others if name == STUDY else (),
        "table": by_task(judged) if name == STUDY else [],
        "tables": judged.result.record["tables"],
    }


def by_task(judged: Judged) -> list[dict]:
    """A line a task and quantity, with the rows of all arms in their order; None where an arm has
    none."""
    known = {row.quantity: row for row in judged.rows}
    p = judged.parameters
    places = dict.fromkeys(place for arm in p.others for place in p.comparisons(arm))
    return [
        {
            "task": task,
            "quantity": what,
            "rows": [known.get(metric_attention.row(task, what, arm)) for arm in p.others],
        }
        for task, what in places
    ]
