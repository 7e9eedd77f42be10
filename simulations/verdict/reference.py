"""The reference measurements as they ship in docs/measured: judged again without measuring."""

from __future__ import annotations

import json
from pathlib import Path

from simulations.store.files import load_arrays, save_arrays, write_text
from simulations.store.results import Result, fields_arrays, read_quantities
from simulations.store.sources import ROOT
from theory import claims
from theory.setting.checks import InputError

FOLDER = ROOT / "docs" / "measured"


def ship(judgements, folder: Path = FOLDER) -> None:
    """Write the quantities of each reference run: numbers as JSON, fields as arrays."""
    for judgement in judgements:
        result = judgement.result
        stem = folder / result.claim
        record = {key: value for key, value in result.record.items() if key != "tables"}
        write_text(stem.with_suffix(".json"), json.dumps(record, indent=1) + "\n")
        arrays = fields_arrays(result.quantities)
        if arrays:
            save_arrays(stem.with_suffix(".npz"), arrays)
        else:
            stem.with_suffix(".npz").unlink(missing_ok=True)


def shipped(claim: str, folder: Path = FOLDER) -> Result:
    """The reference measurement of a claim, without the arrays of its figures.

    Raises InputError for a claim that is unknown or has none.
    """
    claims.load(claim)
    stem = folder / claim
    if not stem.with_suffix(".json").exists():
        raise InputError(f"claim: got {claim!r}, expected one with a measurement in {folder}")
    record = json.loads(stem.with_suffix(".json").read_text(encoding="utf-8"))
    fields = stem.with_suffix(".npz")
    arrays = load_arrays(fields) if fields.exists() else {}
    return Result(stem, record | {"tables": []}, read_quantities(record, arrays), {})
