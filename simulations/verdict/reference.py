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
    ARRAYS,
    FIELDS,
    RECORD_TYPES,
    Result,
    fields_arrays,
    read_quantities,
)
from simulations.store.sources import ROOT
from theory import claims

FOLDER = ROOT / "docs" / "measured"
SUFFIXES = {FIELDS: ".npz", ARRAYS: ".arrays.npz"}
LEFT_OUT = ("tables", "digests")  # of the record of a result


def ship(judgements, folder: Path = FOLDER) -> None:
    """Write each reference run: numbers as JSON, fields and what figures draw as arrays."""
    for judgement in judgements:
        result = judgement.result
        stem = folder / result.claim
        record = {key: value for key, value in result.record.items() if key not in LEFT_OUT}
        arrays = {FIELDS: fields_arrays(result.quantities), ARRAYS: result.arrays}
        write_json(stem.with_suffix(".json"), with_digests(record, arrays))
        for kind, suffix in SUFFIXES.items():
            if arrays[kind]:
                save_arrays(stem.with_suffix(suffix), arrays[kind])
            else:
                stem.with_suffix(suffix).unlink(missing_ok=True)


def with_digests(record: dict, arrays: dict[str, dict]) -> dict:
    """The record of a shipped measurement with the digests of its fields and arrays."""
    return sealed(record | {"digests": {kind: digest(each) for kind, each in arrays.items()}})


def shipped(claim: str, folder: Path = FOLDER) -> Result:
    """The reference measurement of a claim, with what its figures draw.

    Raises InputError for an unknown claim, and DamagedError, which says how to get it back.
    """
    claims.load(claim)
    stem = folder / claim
    path, arrays = stem.with_suffix(".json"), {}
    try:
        record = read_record(path, RECORD_TYPES)
        with reading(path):
            seals = {kind: record["digests"].get(kind, digest({})) for kind in SUFFIXES}
        for kind, suffix in SUFFIXES.items():
            file, arrays[kind] = stem.with_suffix(suffix), {}
            if file.exists() or seals[kind] != digest({}):
                arrays[kind] = load_arrays(file, seals[kind])
        with reading(path):
            quantities = read_quantities(record, arrays[FIELDS])
    except DamagedError as error:
        raise DamagedError(f"{error}; `git checkout {stem.parent}` restores it") from error
    return Result(stem, record | {"tables": []}, quantities, arrays[ARRAYS])
