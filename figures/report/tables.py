"""The verdicts as tables: CSV with full precision, LaTeX for a paper, rivals against claims."""

from __future__ import annotations

import csv
import io

from figures.report.notation import latex, number_latex
from simulations.verdict import display
from simulations.verdict.join import Judged

COLUMNS = (
    "quantity", "kind", "predicted", "measured", "ci_low", "ci_high", "basis", "resolution",
    "verdict", "reason",
)  # fmt: skip
# booktabs' rules where it is loaded, plain lines elsewhere; as wide as a column of a paper
LATEX_HEAD = r"""\providecommand{\toprule}{\hline}
\providecommand{\midrule}{\hline}
\providecommand{\bottomrule}{\hline}
\begingroup
\scriptsize
\setlength{\tabcolsep}{3pt}
\begin{tabular}{@{}p{0.32\linewidth}llll@{}}
\toprule
claim: headline quantity & predicted & measured & resolves & verdict \\
\midrule
"""
LATEX_FOOT = r"""\bottomrule
\end{tabular}
\endgroup
"""
SHARED = 2  # claims that must know a rival for it to stand in the matrix


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
    """A tabular of the headline rows, for a paper; booktabs is used where it is loaded."""
    lines = []
    for name, judgement in judgements.items():
        row = judgement.rows[0]
        cells = (
            rf"\raggedright \textit{{{name.replace('_', ' ')}}}: {latex(row.quantity)}",
            number_latex(display.prediction(row)), number_latex(display.measurement(row)),
            number_latex(display.resolution(row)), judgement.verdict,
        )  # fmt: skip
        lines.append(" & ".join(cells) + r" \\" + "\n")
    return LATEX_HEAD + "".join(lines) + LATEX_FOOT


def rival_matrix(judgements: dict[str, Judged], shared: int = SHARED) -> list[dict]:
    """Rivals against claims: for each rival, by claim, how many rows reject it and how many do not.

    Only rivals that so many claims share: the others are in the rows of their claim.
    """
    counts: dict[str, dict[str, list[int]]] = {}
    for claim, judgement in judgements.items():
        for row in judgement.rows:
            for name, rival in row.rivals.items():
                cell = counts.setdefault(name, {}).setdefault(claim, [0, 0])
                cell[0 if rival.rejected else 1] += 1
    known = {name: cells for name, cells in counts.items() if len(cells) >= shared}
    ranked = sorted(known.items(), key=lambda item: (-len(item[1]), item[0]))
    return [{"rival": name, "cells": cells} for name, cells in ranked]
