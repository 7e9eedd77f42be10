"""verdicts.json: the verdicts of the reference runs, with their provenance."""

from __future__ import annotations

from pathlib import Path

from simulations.store import sources
from simulations.store.files import read_json, reading, sealed, unsealed, write_json
from simulations.verdict.join import Judged

HEADLINE_KEYS = (
    "quantity", "kind", "predicted", "measured", "ci_low", "ci_high", "basis", "resolution", "rivals",
)  # fmt: skip
PROVENANCE_KEYS = ("confidence", "command", "sources", "seconds", "versions", "commit", "finished")


def verdict_record(judgement: Judged) -> dict:
    """One object a claim: the headline, where it comes from, and all rows as `checks`."""
    rows, record = [row.as_dict() for row in judgement.rows], judgement.result.record
    return {
        "claim": judgement.claim,
        "verdict": judgement.verdict,
        **{key: rows[0][key] for key in HEADLINE_KEYS},
        "rivals_rejected": all(r["rejected"] for row in rows for r in row["rivals"].values()),
        **{key: record[key] for key in PROVENANCE_KEYS},
        "predicted_by": sources.digest(f"theory.predictions.{judgement.claim}"),
        "parameters": record["parameters"],
        "checks": rows,
    }


def write_verdicts(judgements, root: Path) -> Path:
    """results/verdicts.json from the given verdicts, each with the digest of its content."""
    path = Path(root) / "verdicts.json"
    write_json(path, [sealed(verdict_record(j)) for j in judgements])
    return path


def read_verdicts(path: Path) -> list[dict]:
    """The records of verdicts.json; raises DamagedError where they are not what was written."""
    records = read_json(path)
    with reading(path):
        return [unsealed(record) for record in records]
