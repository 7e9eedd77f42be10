"""The README's table of verdicts and its figures, written from the reference runs."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from figures import names
from simulations.display import measurement, prediction
from simulations.experiments import claims
from simulations.results import write_text
from simulations.sources import ROOT
from simulations.verdict import Check
from theory.checks import InputError

README, VERDICTS, PICTURES = ROOT / "README.md", ROOT / "docs" / "verdicts.json", ROOT / "docs" / "figures"
_BLOCK = re.compile(r"(<!-- verdicts -->\n).*?(<!-- end of verdicts -->)", re.DOTALL)


def update(verdicts: Path, pictures: Path) -> None:
    """Copy verdicts.json and the PNG of each figure into docs/, and write the table between the README's markers."""
    rows = json.loads(verdicts.read_text(encoding="utf-8"))
    for name in names():
        picture = pictures / f"{name}.png"
        if not picture.exists():
            raise InputError(f"figure {picture}: not there, expected it drawn first (make figures)")
        PICTURES.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, PICTURES / picture.name)
    write_text(VERDICTS, json.dumps(rows, indent=1) + "\n")
    write_text(README, with_table(README.read_text(encoding="utf-8"), rows))


def with_table(readme: str, rows: list[dict]) -> str:
    """The README's text with its table replaced by the given verdicts."""
    if not _BLOCK.search(readme):
        raise InputError("README.md: the markers of the verdict table are not there")
    return _BLOCK.sub(lambda m: m[1] + table(rows) + m[2], readme)


def table(rows: list[dict]) -> str:
    """The verdicts as a Markdown table, one row a claim with its headline check."""
    lines = ["| claim | headline quantity | predicted | measured [99.9 % interval] | verdict | control, rejected? | figure |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        head, others = Check(**row["checks"][0]), len(row["checks"]) - 1
        supported = sum(c["verdict"] == "supported" for c in row["checks"])
        control = f"{row['control']} ({row['control_value']:.4g}): {'rejected' if row['control_rejected'] else 'NOT rejected'}"
        cells = (
            f"**{row['claim']}**: {claims()[row['claim']].title}", row["quantity"], prediction(head), measurement(head),
            f"**{row['verdict']}** ({supported} of {others + 1} checks)", control, f"[figure](docs/figures/{row['claim']}.png)",
        )  # fmt: skip
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"
