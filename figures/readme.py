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

README, VERDICTS, BENCH, PICTURES = ROOT / "README.md", ROOT / "docs" / "verdicts.json", ROOT / "docs" / "bench.json", ROOT / "docs" / "figures"


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
    record, picture = verdicts.with_name(BENCH.name), pictures / "bench.png"
    if record.exists() and picture.exists():
        shutil.copyfile(record, BENCH)
        shutil.copyfile(picture, PICTURES / picture.name)
    write_text(README, with_tables(README.read_text(encoding="utf-8"), rows, json.loads(BENCH.read_text(encoding="utf-8"))))


def with_tables(readme: str, rows: list[dict], record: dict) -> str:
    """The README's text with its tables replaced by the given verdicts and the given record of `make bench`."""
    for name, text in (("verdicts", table(rows)), ("bench", bench_table(record))):
        block = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
        if not block.search(readme):
            raise InputError(f"README.md: the markers of the table of {name} are not there")
        readme = block.sub(lambda m, text=text: m[1] + text + m[2], readme)
    return readme


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
        lines.append(_row(cells))
    return "\n".join(lines) + "\n"


def bench_table(record: dict) -> str:
    """The record of `make bench` as a Markdown table: every ratio, its range and both errors, then scaling and cold start."""
    lines = ["| what | this project | peer | peer over ours [range] |", "|---|---|---|---|"]
    for row in (r for r in record["steps"] + record["spectra"] if "peer" in r):
        ratio = f"{row['ratio']:.3g} [{row['ratio_low']:.3g}, {row['ratio_high']:.3g}]" + (": **the peer is faster**" if row["ratio"] < 1 else "")
        if "setup" in row:
            ratio += f"; {row['ratio with set-up']:.3g} if one step pays for the set-up of {row['setup']:.2g} s"
        lines.append(_row((f"{row['engine']}, {row['problem']}", f"{row['ours']:.2g} s (error {row['our_error']:.0e})",
                           f"{row['peer_name']} {row['peer']:.2g} s (error {row['peer_error']:.0e})", ratio)))  # fmt: skip
    ours, *others = record["pde"]
    for row in (r for r in others if r["solver"] != ours["solver"] and "seconds" in r):
        lines.append(_row((f"drift-diffusion to t = 0.5, {row['cells']}", f"{ours['seconds']:.2g} s (error {ours['error']:.0e})",
                           f"{row['solver']} {row['seconds']:.2g} s (error {row['error']:.0e})", f"{row['ratio to ours']:.3g}")))  # fmt: skip
    for row in record["scaling"]:
        largest = f"{row['seconds'][-1]:.2g} s at {row['sizes'][-1]:,}"
        lines.append(_row((f"scaling of {row['name']}", largest, "", f"exponent {row['exponent']:.2f}, expected {row['expected']:g}")))
    for row in record["cold"]:
        lines.append(_row((f"cold start of {row['engine']}, {row['state']}", f"import {row['import']:.2g} s, first call {row['first call']:.2g} s", "", "")))
    return "\n".join(lines) + "\n"


def _row(cells):
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
