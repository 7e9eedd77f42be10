"""One report of all claims: a self-contained page with typeset formulas, and the verdicts as CSV and as a LaTeX table."""

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
from simulations.display import measurement, prediction
from simulations.experiments import claims
from simulations.results import Result, write_text
from simulations.verdict import Check

_FORMULA = re.compile(r"\$([^$]+)\$")
_LATEX = {"\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
          "^": r"\^{}", "~": r"\~{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", "→": r"$\to$"}  # fmt: skip


def write(results: dict[str, Result], pictures: Path, folder: Path) -> Path:
    """Write report.html beside the PNG files in `pictures`, and verdicts.csv and verdicts.tex in `folder`; returns the page."""
    page = pictures / "report.html"
    write_text(page, html(results, pictures))
    write_text(folder / "verdicts.csv", as_csv(results))
    write_text(folder / "verdicts.tex", as_latex(results))
    return page


def html(results: dict[str, Result], pictures: Path) -> str:
    """The page, with every figure inside: it needs no network."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=jinja2.StrictUndefined)
    environment.globals |= {"formulas": formulas, "measured": measurement, "predicted": prediction}
    rows = [_row(name, result, pictures) for name, result in results.items()]
    return environment.get_template("report.html.jinja").render(rows=rows)


def formulas(text: str) -> Markup:
    """Text with its formulas between dollars set in MathML; everything else is escaped."""
    pieces = _FORMULA.split(text)
    return Markup("").join(Markup(convert(p)) if k % 2 else escape(p) for k, p in enumerate(pieces))


def _row(name, result, pictures):
    drawn = [n for n in figures.names() if figures.claim_of(n) == name]
    return {
        "claim": claims()[name],
        "head": result.checks[0],
        "checks": result.checks,
        "rejected": sum(c.control_rejected for c in result.checks),
        "figures": [
            {
                "name": n,
                "caption": figures.load(n).__doc__.splitlines()[0],
                "png": base64.b64encode((pictures / f"{n}.png").read_bytes()).decode("ascii"),
            }
            for n in drawn
        ],
        **{key: result.record[key] for key in ("verdict", "tables", "command", "seconds", "versions", "parameters")},
    }


def as_csv(results: dict[str, Result]) -> str:
    """One line a check, with full precision."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    columns = list(Check.__dataclass_fields__)
    writer.writerow(["claim", *columns])
    for name, result in results.items():
        writer.writerows([name, *(getattr(c, key) for key in columns)] for c in result.checks)
    return out.getvalue()


def as_latex(results: dict[str, Result]) -> str:
    """A tabular of the headline checks, for a paper; needs no package."""
    lines = [r"\begin{tabular}{llrrl}", r"\hline", r"claim & quantity & predicted & measured & verdict \\", r"\hline"]
    for name, result in results.items():
        c = result.checks[0]
        cells = (name, c.quantity, prediction(c), measurement(c), result.record["verdict"])
        lines.append(" & ".join("".join(_LATEX.get(ch, ch) for ch in cell) for cell in cells) + r" \\")
    return "\n".join([*lines, r"\hline", r"\end{tabular}", ""])
