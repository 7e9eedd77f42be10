"""The report of all claims: a page that needs no network, and the verdicts as CSV and as LaTeX."""

from __future__ import annotations

from pathlib import Path

from figures.report import learning, notation
from figures.report.page import html
from figures.report.tables import as_csv, as_latex
from simulations.store.files import write_text
from simulations.store.sources import ROOT
from simulations.verdict.join import Judged

__all__ = ["PICTURES", "html", "learning", "notation", "write"]

PICTURES = ROOT / "docs" / "figures"  # as they ship


def write(
    judgements: dict[str, Judged],
    pictures: Path,
    folder: Path,
    learned: dict[str, Judged] | None = None,
) -> Path:
    """Write report.html beside the PNG files, verdicts.csv and verdicts.tex; returns the page.

    learned: as of `html`.
    """
    page = pictures / "report.html"
    write_text(page, html(judgements, pictures, learned))
    write_text(folder / "verdicts.csv", as_csv(judgements))
    write_text(folder / "verdicts.tex", as_latex(judgements))
    return page
