"""The record of all heads in a few lines: what a layer is like, and how the verdicts fall."""

from __future__ import annotations

import numpy as np

from simulations.heads.nulls import NULLS
from simulations.verdict.heads_study import JUDGED

COLUMNS = (
    ("keys", lambda row: row["measures"]["effective_keys"][0], "{:8.1f}"),
    ("spread", lambda row: row["spread"], "{:8.2f}"),
    ("symmetry", lambda row: row["matrix"]["symmetry_score"], "{:9.2f}"),
    ("entropy", lambda row: row["measures"]["entropy_production"][0], "{:8.2f}"),
    ("uniform", lambda row: row["shares"]["density_of_all"][0], "{:8.2f}"),
    ("+force", lambda row: row["shares"]["local_of_all"][0], "{:8.2f}"),
    ("local", lambda row: row["shares"]["local"][0], "{:8.2f}"),
    ("swapped", lambda row: row["shares"]["swapped"][0], "{:8.2f}"),
    ("1 clock", lambda row: row["shares"]["one_clock"][0], "{:8.2f}"),
    ("transport", lambda row: row["shares"]["transport"][0], "{:10.2f}"),
    ("slope", lambda row: row["shares"]["slope"][0], "{:8.2f}"),
    ("diffusion", lambda row: row["shares"]["diffusion"][0], "{:10.2f}"),
)


def lines(record: dict) -> list[str]:
    """Medians over the heads of each layer, then counts of the verdicts, and against each null."""
    rows = record["rows"]
    widths = [len(form.format(0)) for _, _, form in COLUMNS]
    head = "".join(f"{name:>{w}}" for (name, _, _), w in zip(COLUMNS, widths, strict=True))
    found = [f"layer{head}"]
    for layer in sorted({row["layer"] for row in rows}):
        here = [row for row in rows if row["layer"] == layer]
        cells = "".join(form.format(np.median([of(r) for r in here])) for _, of, form in COLUMNS)
        found.append(f"{layer + 1:>5}{cells}")
    found.append("")
    for form in JUDGED:
        words = [row["verdicts"][form] for row in rows]
        counts = ", ".join(f"{words.count(w)} {w}" for w in dict.fromkeys(words))
        found.append(f"{form} form explains more than half of what the score does: {counts}")
    either = sum("supported" in row["verdicts"].values() for row in rows)
    found.append(f"one of the two does: {either} of {len(rows)}")
    for null in NULLS:
        for form in JUDGED:
            words = [row["nulls"][null]["trained"][form] for row in rows]
            counts = ", ".join(f"{words.count(w)} {w}" for w in dict.fromkeys(words))
            found.append(f"{form}, trained against {null}: {counts}")
    return found
