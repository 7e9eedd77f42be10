"""The README's table of the claim `metric_attention`, from its stored verdict."""

from __future__ import annotations

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

    tasks = [task for task in claim.TASKS if claim.row(task, claim.ACCURACY) in rows]
    others = [
        arm for arm in (*claim.ARMS, claim.HELD)
        if arm not in (claim.SELF, claim.METRIC, claim.HELD)
    ]  # fmt: skip
    parts = [(part, cell(claim.REAL, part)) for part in claim.PARTS]
    compared = [t for t in tasks if any(cell(t, claim.ACCURACY, arm) for arm in others)]
    return "\n\n".join(
        (
            table(("over all real tasks", "metric less self"), parts),
            table(
                ("task", *COLUMNS),
                [(task, *(cell(task, what) for what in COLUMNS)) for task in tasks],
            ),
            table(
                ("accuracy, arm less self", *compared),
                [
                    (arm, *(cell(task, claim.ACCURACY, arm) for task in compared))
                    for arm in (claim.METRIC, *others)
                    if any(cell(task, claim.ACCURACY, arm) for task in compared)
                ],
            ),
            f"A temperature held ten times too high loses {shown(rows[claim.SABOTAGE])} of accuracy "
            f"on one task. Rows of metric less self: {count(rows)}.\n",
        )
    )


def shown(row, words=None) -> str:
    """The judged interval, and in words which way it fell."""
    numbers = f"{row.measured:.2g} [{row.ci_low:.2g}, {row.ci_high:.2g}]".replace("-", "−")
    return f"{numbers} {words[row.verdict]}" if words else numbers


def count(rows) -> str:
    own = [row for row in rows.values() if not row.aside]
    kinds = [f"{sum(row.verdict == v for row in own)} {v}" for v in WORDS]
    return f"{', '.join(kinds)} of {len(own)}"


def table(head, rows) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
