"""The README's table of the claim `metric_attention`, from its stored verdict."""

from __future__ import annotations

import csv
import io

import numpy as np

from simulations.verdict.rows import row_from_dict
from theory.claims import metric_attention as claim

COLUMNS = (claim.ACCURACY, claim.STEPS, claim.AREA, claim.NOISY, claim.PGD)
WORDS = {"supported": "better", "refuted": "**worse**", "inconclusive": "not decided"}
# a control that must differ by nothing
TWIN_WORDS = {"supported": "no difference", "refuted": "**differs**", "inconclusive": "not decided"}


def learned_table(record: dict) -> str:
    """Paired differences as Markdown tables: the parts, the tasks, and the accuracy of other
    scores."""
    rows = {row.quantity: row for row in map(row_from_dict, record["checks"])}

    def cell(task, what, arm=claim.METRIC):
        row = rows.get(claim.row(task, what, arm))
        return "" if row is None else shown(row, TWIN_WORDS if arm == claim.TWIN else WORDS)

    def chosen(task, arm):
        rate, decay = record["settings"][f"{task}/{arm}"]
        return f"{rate:g}, {decay:g}"

    tasks = [task for task in claim.TASKS if claim.row(task, claim.ACCURACY) in rows]
    others = [
        arm for arm in (*claim.ARMS, claim.HELD)
        if arm not in (claim.SELF, claim.METRIC, claim.HELD)
    ]  # fmt: skip
    sabotaged = (
        f"A temperature held ten times too high loses {shown(rows[claim.SABOTAGE])} of accuracy on "
        "one task, against the metric. "
        if claim.SABOTAGE in rows
        else ""
    )
    head = ("learning rate, weight decay chosen", *tasks)
    settings = (
        [
            table(
                head,
                [(arm, *(chosen(t, arm) for t in tasks)) for arm in (claim.SELF, claim.METRIC)],
            )
        ]
        if "settings" in record
        else []
    )
    parts = [(part, cell(claim.REAL, part)) for part in (*claim.PARTS, claim.KEPT)]
    compared = [t for t in tasks if any(cell(t, claim.ACCURACY, arm) for arm in others)]
    return "\n\n".join(
        (
            table(("over all real tasks", "metric less self"), parts),
            table(
                ("task", *COLUMNS),
                [(task, *(cell(task, what) for what in COLUMNS)) for task in tasks],
            ),
            *settings,
            table(
                ("accuracy, arm less self", *compared),
                [
                    (arm, *(cell(task, claim.ACCURACY, arm) for task in compared))
                    for arm in (claim.METRIC, *others)
                    if any(cell(task, claim.ACCURACY, arm) for task in compared)
                ],
            ),
            f"{sabotaged}Rows of metric less self: {count(rows)}.\n",
        )
    )


def learned_details(judged) -> dict:
    """The settings of each arm on each task, and what was scored as text."""
    return {"settings": settings_of(judged), "tables": judged.result.record["tables"]}


def runs_as_csv(judged) -> str:
    """A line a run: its task, arm and number, and the mean of each quantity over its levels."""
    p, out = judged.parameters, io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(["task", "arm", "run", *claim.PART_OF])
    for task in p.all_tasks:
        for arm in p.arms_on(task):
            found = {w: judged.arrays.get(f"{task}/{arm}/{w}") for w in claim.PART_OF}
            for run in range(p.runs_of(arm)):
                scores = (
                    "" if values is None else f"{np.mean(values[run]):.6g}"
                    for values in found.values()
                )
                lines.writerow([task, arm, run, *scores])
    return out.getvalue()


def settings_of(judged) -> dict[str, list[float]]:
    """The learning rate and the weight decay that validation chose, by "task/arm"."""
    p = judged.parameters
    return {
        f"{task}/{arm}": [
            float(judged.arrays[f"{task}/{arm}/{what}"])
            for what in ("learning rate", "weight decay")
        ]
        for task in p.all_tasks
        for arm in p.arms_on(task)
    }


def shown(row, words=None) -> str:
    """The judged interval, and in words which way it fell."""
    if words and row.ci_low == row.ci_high == 0:
        return "0 in every run"
    numbers = f"{row.measured:.2g} [{row.ci_low:.2g}, {row.ci_high:.2g}]".replace("-", "−")
    return f"{numbers} {words[row.verdict]}" if words else numbers


def count(rows) -> str:
    own = [row for row in rows.values() if not row.aside]
    kinds = [f"{sum(row.verdict == v for row in own)} {v}" for v in WORDS]
    return f"{', '.join(kinds)} of {len(own)}"


def table(head, rows) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
