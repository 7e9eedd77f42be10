"""The reference measurements as they ship in docs/measured: judged again without measuring.

The digest of a record is that of its JSON, those of its arrays are in it, as in a result.
"""

from __future__ import annotations

from pathlib import Path

from simulations.store.files import (
    DamagedError,
    digest,
    load_arrays,
    read_record,
    reading,
    save_arrays,
    sealed,
    write_json,
)
from simulations.store.results import (
    FIELDS,
    RECORD_TYPES,
    Result,
    fields_arrays,
    read_quantities,
)
from simulations.store.sources import ROOT
from theory import claims

FOLDER = ROOT / "docs" / "measured"
LEFT_OUT = ("tables", "digests")  # of the record of a result


def ship(judgements, folder: Path = FOLDER) -> None:
    """Write the quantities of each reference run: numbers as JSON, fields as arrays."""
    for judgement in judgements:
        result = judgement.result
        stem = folder / result.claim
        record = {key: value for key, value in result.record.items() if key not in LEFT_OUT}
        arrays = fields_arrays(result.quantities)
        write_json(stem.with_suffix(".json"), with_digests(record, arrays))
        if arrays:
            save_arrays(stem.with_suffix(".npz"), arrays)
        else:
            stem.with_suffix(".npz").unlink(missing_ok=True)


def with_digests(record: dict, arrays: dict) -> dict:
    """The record of a shipped measurement with the digests of its content."""
    return sealed(record | {"digests": {FIELDS: digest(arrays)}})


def shipped(claim: str, folder: Path = FOLDER) -> Result:
    """The reference measurement of a claim, without the arrays of its figures.

    Raises InputError for an unknown claim, and DamagedError, which says how to get it back.
    """
    claims.load(claim)
    stem = folder / claim
    path, fields = stem.with_suffix(".json"), stem.with_suffix(".npz")
    try:
        record = read_record(path, RECORD_TYPES)
        with reading(path):
            seal = record["digests"][FIELDS]
        arrays = {}
        if fields.exists() or seal != digest({}):
            arrays = load_arrays(fields, seal)
        with reading(path):
            quantities = read_quantities(record, arrays)
    except DamagedError as error:
        raise DamagedError(f"{error}; `git checkout {stem.parent}` restores it") from error
    return Result(stem, record | {"tables": []}, quantities, {})
