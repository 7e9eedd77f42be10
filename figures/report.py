"""One report of all claims: a self-contained page, and the verdicts as CSV and as LaTeX."""

from __future__ import annotations

import base64
import csv
import io
import re
from pathlib import Path

import jinja2
from latex2mathml.converter import convert
from markupsafe import Markup, escape

import figures
from simulations.store.files import write_text
from simulations.verdict import display
from simulations.verdict.join import Judged
from theory.claims import claims

_FORMULA = re.compile(r"\$([^$]+)\$")
_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "^": r"\^{}", "~": r"\~{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", "→": r"$\to$",
}  # fmt: skip
COLUMNS = (
    "quantity", "kind", "predicted", "measured", "ci_low", "ci_high", "basis", "resolution",
    "verdict", "reason",
)  # fmt: skip


def write(judgements: dict[str, Judged], pictures: Path, folder: Path) -> Path:
    """Write report.html beside the PNG files, verdicts.csv and verdicts.tex; returns the page."""
    page = pictures / "report.html"
    write_text(page, html(judgements, pictures))
    write_text(folder / "verdicts.csv", as_csv(judgements))
    write_text(folder / "verdicts.tex", as_latex(judgements))
    return page


def html(judgements: dict[str, Judged], pictures: Path) -> str:
    """The page, with every figure inside: it needs no network."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.globals |= {"formulas": formulas, "display": display}
    rows = [_claim(name, judgement, pictures) for name, judgement in judgements.items()]
    template = environment.get_template("report.html.jinja")
    return template.render(rows=rows, matrix=rival_matrix(judgements))


def formulas(text: str) -> Markup:
    """Text with its formulas between dollars set in MathML; everything else is escaped."""
    pieces = _FORMULA.split(text)
    return Markup("").join(Markup(convert(p)) if k % 2 else escape(p) for k, p in enumerate(pieces))


def rival_matrix(judgements: dict[str, Judged]) -> list[dict]:
    """Rivals against claims: for each rival, by claim, how many rows reject it and how many do not.

    A rival that only one claim knows is in the rows of that claim, not here.
    """
    counts = {}
    for claim, judgement in judgements.items():
        for row in judgement.rows:
            for name, rival in row.rivals.items():
                cell = counts.setdefault(name, {}).setdefault(claim, [0, 0])
                cell[0 if rival.rejected else 1] += 1
    ranked = sorted(counts.items(), key=lambda item: (-len(item[1]), item[0]))
    return [{"rival": name, "cells": cells} for name, cells in ranked]


def _claim(name, judgement, pictures):
    record = judgement.result.record
    drawn = [n for n in figures.names() if figures.claim_of(n) == name]
    rivals = [r for row in judgement.rows for r in row.rivals.values()]
    return {
        "claim": claims()[name],
        "head": judgement.rows[0],
        "rows": judgement.rows,
        "verdict": judgement.verdict,
        "rejected": sum(r.rejected for r in rivals),
        "rivals": len(rivals),
        "figures": [
            {
                "name": n,
                "caption": figures.caption(n),
                "png": base64.b64encode((pictures / f"{n}.png").read_bytes()).decode("ascii"),
            }
            for n in drawn
        ],
        **{
            key: record[key]
            for key in (
                "tables",
                "command",
                "seconds",
                "versions",
                "parameters",
                "commit",
                "sources",
            )
        },
    }


def as_csv(judgements: dict[str, Judged]) -> str:
    """One line a row, with full precision."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["claim", *COLUMNS, "rivals"])
    for name, judgement in judgements.items():
        for row in judgement.rows:
            cells = [getattr(row, key) for key in COLUMNS]
            writer.writerow([name, *cells, display.rivals(row)])
    return out.getvalue()


def as_latex(judgements: dict[str, Judged]) -> str:
    """A tabular of the headline rows, for a paper; needs no package."""
    head = r"claim & quantity & predicted & measured & resolves & verdict \\"
    lines = [r"\begin{tabular}{llrrrl}", r"\hline", head, r"\hline"]
    for name, judgement in judgements.items():
        row = judgement.rows[0]
        cells = (
            name, row.quantity, display.prediction(row), display.measurement(row),
            display.resolution(row), judgement.verdict,
        )  # fmt: skip
        escaped = ("".join(_LATEX.get(ch, ch) for ch in cell) for cell in cells)
        lines.append(" & ".join(escaped) + r" \\")
    return "\n".join([*lines, r"\hline", r"\end{tabular}", ""])
