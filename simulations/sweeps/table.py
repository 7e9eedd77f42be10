"""The tidy table of a sweep: a row a quantity of a point, as CSV and, with pyarrow, as Parquet."""

from __future__ import annotations

import csv
import dataclasses
import importlib.util
import io
from pathlib import Path

from simulations.store.files import atomically, write_text
from simulations.store.quantities import Number
from simulations.store.results import Result

MEASURED = ("quantity", "value", "low", "high", "basis")
JUDGED = ("predicted", "verdict")  # empty where nothing was judged
COLUMNS = (*MEASURED, *JUDGED, "seconds", "run")
NUMBERS = ("value", "low", "high", "predicted", "seconds")


def measured_rows(result: Result) -> list[dict]:
    """The numbers of a point, each with its interval and without any verdict."""
    return [
        {
            "quantity": name,
            "value": quantity.interval.value,
            "low": quantity.interval.low,
            "high": quantity.interval.high,
            "basis": quantity.interval.basis,
            "predicted": None,
            "verdict": None,
        }
        for name, quantity in result.quantities.items()
        if isinstance(quantity, Number)
    ]


def with_parameters(result: Result, rows: list[dict]) -> list[dict]:
    """Rows of a point with its parameters before them, and how long and where it was measured."""
    parameters = {
        name: ",".join(map(str, value)) if isinstance(value, tuple) else value
        for name, value in dataclasses.asdict(result.parameters).items()
    }
    ends = {"seconds": float(result.record["seconds"]), "run": result.folder.name}
    return [{"claim": result.claim, **parameters, **row, **ends} for row in rows]


def write_table(rows: list[dict], folder: Path) -> list[Path]:
    """table.csv and, where pyarrow is installed, table.parquet; returns what was written."""
    written = [folder / "table.csv"]
    write_text(written[0], as_csv(rows))
    if importlib.util.find_spec("pyarrow") is None:
        (folder / "table.parquet").unlink(missing_ok=True)  # of another sweep
        return written
    written.append(folder / "table.parquet")
    atomically(written[1], lambda handle: _write_parquet(rows, handle))
    return written


def as_csv(rows: list[dict]) -> str:
    """The rows as CSV with a header; numbers to their last digit, nothing where there is none."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def read_csv(path: Path) -> list[dict]:
    """The rows of table.csv, all values as text."""
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def _write_parquet(rows, handle):
    import pyarrow
    from pyarrow import parquet

    columns = {}
    for name in rows[0]:
        kind = pyarrow.float64() if name in NUMBERS else None
        columns[name] = pyarrow.array([row[name] for row in rows], kind)
        if columns[name].null_count == len(rows) and kind is None:
            columns[name] = columns[name].cast(pyarrow.string())
    parquet.write_table(pyarrow.table(columns), handle)
