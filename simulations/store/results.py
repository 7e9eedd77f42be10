"""Measured results on disk: one folder a run, named by its parameters, resumed where it stopped.

results/<claim>/<name>/result.json   parameters, numbers with their intervals, provenance, run time
results/<claim>/<name>/fields.npz    measured fields
results/<claim>/<name>/arrays.npz    what the figures draw
results/<claim>/<name>.partial/      finished pieces of a run that is not finished

Nothing predicted is written here: verdicts are made from these files (simulations/verdict/).
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import importlib
import json
import os
import re
import shutil
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from simulations.blas import one_blas_thread
from simulations.statistics.intervals import CONFIDENCE, Interval
from simulations.store import provenance, sources
from simulations.store.files import (
    DamagedError,
    digest,
    load_arrays,
    load_piece,
    read_record,
    reading,
    require_types,
    save_arrays,
    save_piece,
    sealed,
    unsealed,
    write_json,
)
from simulations.store.folders import check_writable, own_folder, writing
from simulations.store.quantities import Field, Number, Quantity, Values
from theory import claims
from theory.setting.checks import InputError

RECORD_TYPES = {
    "claim": str, "parameters": dict, "seed": int, "confidence": float, "numbers": {str: dict},
    "fields": {str: dict}, "order": [str], "command": str, "sources": str, "seconds": float,
    "loops": {str: float}, "finished": str, "versions": {str: str}, "commit": str,
    "digests": {str: str},
}  # fmt: skip
FIELD_KEYS = ("values", "coordinates", "weights", "steps")
INTERVAL_TYPES = {
    "value": float, "low": float, "high": float, "basis": str, "standard_error": float,
    "freedom": int, "logarithmic": bool, "together": int,
}  # fmt: skip
MOST_FREEDOM = 2**53  # counts that a float holds
FIELD_TYPES = {"on_nodes": (str, type(None)), "wrong_methods": [str]}
VALUES_TYPES = {"bound": float, "basis": str, "wrong_methods": [str]}
FIELDS, ARRAYS = "fields", "arrays"  # the two files of arrays of a result
SWAPS = 20  # attempts to put a result in place of one that another process puts there


class DamagedWarning(UserWarning):
    """A stored file is damaged, and what it held is measured again."""


@dataclass(frozen=True)
class Result:
    """A finished measurement, as read from disk."""

    folder: Path
    record: dict
    quantities: dict[str, Quantity]
    arrays: dict[str, np.ndarray]

    @property
    def claim(self) -> str:
        return self.record["claim"]

    @property
    def parameters(self):
        """The parameters of the run, as the claim's dataclass."""
        given = {key: _as_given(value) for key, value in self.record["parameters"].items()}
        return claims.load(self.claim).Parameters(**given)

    def is_of(self, claim: str, parameters) -> bool:
        """Whether this is the claim, measured with these parameters."""
        # as text: tuples are lists in JSON, and True is 1 in Python
        stored, asked = (
            json.dumps(given, sort_keys=True)
            for given in (self.record["parameters"], dataclasses.asdict(parameters))
        )
        return self.claim == claim and stored == asked

    @property
    def is_reference(self) -> bool:
        return self.folder.name.startswith("reference-")


class Run:
    """A run in progress: remembers finished pieces on disk and shows progress."""

    def __init__(self, partial: Path | None, quiet: bool = False):
        self.partial, self.quiet = partial, quiet
        self.loops: dict[str, float] = {}

    def remember(self, key: str, compute) -> dict[str, np.ndarray]:
        """The arrays that compute() returns, from disk if an interrupted run has them already."""
        if self.partial is None:
            return compute()
        path = self.partial / f"{_file_name(key)}-{_short_digest(key)}.npz"
        if os.path.lexists(path):
            try:
                return load_piece(path, key)
            except DamagedError as error:
                _warn(f"{error}: this piece is computed again")
                _remove(path)
        arrays = {name: np.asarray(value) for name, value in compute().items()}
        with writing("results folder", self.partial.parent):
            save_piece(path, key, arrays)
        return arrays

    def progress(self, iterable=None, *, total: int | None = None, label: str = ""):
        """A progress bar, silent when quiet or where nobody watches for two seconds.

        The time of a loop over an iterable of known length is added to `loops` by that length.
        """
        bar = tqdm(
            iterable, total=total, desc=label, disable=self.quiet or None, delay=2, leave=False
        )
        return bar if iterable is None else self._timed(bar, iterable)

    def over_seeds(self, sample, n_seeds: int, label: str) -> np.ndarray:
        """sample(s) for the seeds s = 0, 1, ..., with a progress bar: (n_seeds, ...)."""
        return np.array([sample(s) for s in self.progress(range(n_seeds), label=label)])

    def _timed(self, bar, iterable):
        start = time.perf_counter()
        yield from bar
        if hasattr(iterable, "__len__"):
            length = str(len(iterable))
            self.loops[length] = self.loops.get(length, 0.0) + time.perf_counter() - start


def tell_start(text: str, quiet: bool) -> None:
    """One line on stderr where it is no terminal and shows no progress bar, unless quiet."""
    if not (quiet or sys.stderr.isatty()):
        print(text, file=sys.stderr, flush=True)


def run_name(parameters, reference) -> str:
    """Folder name of a run: what differs from the reference, and a digest of all parameters."""
    given, base = dataclasses.asdict(parameters), dataclasses.asdict(reference)
    text = json.dumps(given, sort_keys=True)
    changed = ",".join(f"{k}={v}" for k, v in given.items() if v != base[k]) or "reference"
    return f"{_file_name(changed)}-{_short_digest(text)}"


def experiment(claim: str):
    """The module that measures a claim, simulations/experiments/<claim>."""
    claims.load(claim)
    claims.require_libraries(claim)
    return importlib.import_module(f"simulations.experiments.{claim}")


def execute(claim: str, parameters, *, root: Path, force: bool = False, quiet=False) -> Result:
    """Measure, or read the result if the same parameters and the same sources have one already.

    Raises InputError if the folder cannot be written. An interrupted run leaves its finished
    pieces in the .partial folder and no result; the next call takes them up. A damaged result is
    measured again, with a warning that names it.
    """
    root = own_folder("results", root)
    module, reference = experiment(claim), claims.load(claim).Parameters()
    code = sources.digest(module.__name__)
    folder = root / claim / run_name(parameters, reference)
    if not force:
        existing = found(folder)
        if existing is not None and existing.record["sources"] == code:
            if existing.is_of(claim, parameters):
                return existing
            _warn(f"{folder}: holds another run than its name says: it is measured again")
    partial = folder.with_name(f"{folder.name}.{code}.partial")
    if force:
        _remove(partial)
    start, run = time.perf_counter(), Run(partial, quiet)
    try:
        with writing("results folder", folder.parent):
            check_writable("results folder", partial)
        tell_start(f"{claim}: measuring, without progress bars", quiet)
        with one_blas_thread():
            measured = module.measure(parameters, run)
    except InputError:
        with contextlib.suppress(OSError):
            partial.rmdir()
        raise
    seconds = time.perf_counter() - start
    files = {
        FIELDS: fields_arrays(measured.quantities),
        ARRAYS: {name: np.asarray(a) for name, a in measured.arrays.items()},
    }
    record = {
        "claim": claim,
        "parameters": dataclasses.asdict(parameters),
        "seed": parameters.seed,
        "confidence": CONFIDENCE,
        **quantities_record(measured.quantities),
        "tables": list(measured.tables),
        "command": command(claim, parameters, reference),
        "sources": code,
        "seconds": round(seconds, 1),
        "loops": {length: round(spent, 2) for length, spent in run.loops.items()},
        "finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "versions": provenance.versions(),
        "commit": provenance.commit(),
        "digests": {name: digest(arrays) for name, arrays in files.items()},
    }
    record = sealed(record)
    with writing("results folder", folder.parent):
        _publish(folder, record, files)
    _remove(partial)
    # as it would be read: another process may be putting the same result in its place
    quantities = read_quantities(record, files[FIELDS])
    return Result(folder, unsealed(record), quantities, files[ARRAYS])


def command(claim: str, parameters, reference) -> str:
    """The command line that regenerates a run."""
    parts = [f"python -m simulations run {claim}"]
    for f in dataclasses.fields(parameters):
        value = getattr(parameters, f.name)
        if value != getattr(reference, f.name):
            values = value if isinstance(value, tuple) else (value,)
            parts += [f"--{claims.option_name(f)} {_quoted(v)}" for v in values]
    return " ".join(parts)


def read(folder: Path) -> Result | None:
    """The finished run in `folder`, or None if there is none; DamagedError if it is damaged."""
    path = folder / "result.json"
    with reading(path):
        if not os.path.lexists(path):
            return None
    record = read_record(path, RECORD_TYPES | {"tables": [str]})
    with reading(path):
        seals = {name: record["digests"][name] for name in (FIELDS, ARRAYS)}
    arrays = {name: load_arrays(folder / f"{name}.npz", seal) for name, seal in seals.items()}
    with reading(path):
        quantities = read_quantities(record, arrays[FIELDS])
    return Result(folder, record, quantities, arrays[ARRAYS])


def found(folder: Path) -> Result | None:
    """`read` for those who can measure: of a damaged result they are told, and there is none."""
    try:
        return read(folder)
    except DamagedError as error:
        _warn(f"{error}: it is measured again")
        return None


def quantities_record(quantities: dict[str, Quantity]) -> dict:
    """Numbers and what is said of fields and other arrays, as JSON takes them."""
    numbers, fields_ = {}, {}
    for name, quantity in quantities.items():
        if isinstance(quantity, Number):
            wrong = {w: dataclasses.asdict(i) for w, i in quantity.wrong_methods.items()}
            numbers[name] = dataclasses.asdict(quantity.interval) | {"wrong_methods": wrong}
        elif isinstance(quantity, Values):
            fields_[name] = {
                "bound": quantity.bound,
                "basis": quantity.basis,
                "wrong_methods": list(quantity.wrong_methods),
            }
        else:
            fields_[name] = {
                "on_nodes": quantity.on_nodes,
                "wrong_methods": list(quantity.wrong_methods),
            }
    return {"numbers": numbers, "fields": fields_, "order": list(quantities)}


def fields_arrays(quantities: dict[str, Quantity]) -> dict[str, np.ndarray]:
    """The arrays of the fields and of values, by the place of each among the quantities."""
    arrays = {}
    for place, quantity in enumerate(quantities.values()):
        if not isinstance(quantity, Number):
            keys = FIELD_KEYS if isinstance(quantity, Field) else ("values",)
            for key in keys:
                arrays[f"{place}-{key}"] = np.asarray(getattr(quantity, key))
            if getattr(quantity, "errors", None) is not None:
                arrays[f"{place}-errors"] = np.asarray(quantity.errors)
            for k, wrong in enumerate(quantity.wrong_methods.values()):
                arrays[f"{place}-wrong{k}"] = np.asarray(wrong)
    return arrays


def read_quantities(record: dict, arrays: dict[str, np.ndarray]) -> dict[str, Quantity]:
    """The inverse of `quantities_record` and `fields_arrays`."""
    quantities = {}
    for place, name in enumerate(record["order"]):
        if name in record["numbers"]:
            stored = dict(record["numbers"][name])
            require_types(stored, {"wrong_methods": {str: dict}})
            wrong = {w: _interval(i) for w, i in stored.pop("wrong_methods").items()}
            quantities[name] = Number(_interval(stored), wrong)
        else:
            stored = record["fields"][name]
            require_types(stored, VALUES_TYPES if "bound" in stored else FIELD_TYPES)
            wrong = {w: arrays[f"{place}-wrong{k}"] for k, w in enumerate(stored["wrong_methods"])}
            if "bound" in stored:
                values = arrays[f"{place}-values"]
                quantities[name] = Values(values, stored["bound"], stored["basis"], wrong)
            else:
                errors = arrays.get(f"{place}-errors")
                parts = [arrays[f"{place}-{key}"] for key in FIELD_KEYS]
                quantities[name] = Field(*parts, stored["on_nodes"], wrong, errors)
    return quantities


def _interval(stored):
    """An interval from JSON; raises ValueError or TypeError where it holds anything else."""
    require_types(stored, INTERVAL_TYPES)
    if not (0 <= stored["freedom"] < MOST_FREEDOM and 1 <= stored["together"] < MOST_FREEDOM):
        raise ValueError(f"freedom: got {stored['freedom']}, together {stored['together']}")
    return Interval(**stored)


def _publish(folder, record, files):
    """Fill a fresh folder beside the target, then swap it in by a rename."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        os.chmod(fresh, 0o755)
        for name, arrays in files.items():
            save_arrays(fresh / f"{name}.npz", arrays)
        write_json(fresh / "result.json", record)
        _swap_in(fresh, folder)
    except BaseException:
        _remove(fresh)
        raise


def _swap_in(fresh, folder):
    """Rename `fresh` to `folder`; what is there is moved aside first, however often it is back."""
    for attempt in range(SWAPS):
        old = fresh.with_name(f"{fresh.name}.old{attempt}")
        with contextlib.suppress(FileNotFoundError):
            os.rename(folder, old)
        try:
            os.rename(fresh, folder)
            return
        except OSError:
            # a second process that ran the same has put its own there in between
            if attempt == SWAPS - 1:
                raise
        finally:
            _remove(old)


def _remove(path):
    """Remove a file or a folder, as far as that goes."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _warn(text):
    warnings.warn(text, DamagedWarning, stacklevel=3)


def _as_given(value):
    return tuple(value) if isinstance(value, list) else value


def _file_name(text):
    return re.sub(r"[^A-Za-z0-9_.,=+-]+", "_", text)[:80]


def _short_digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _quoted(value):
    text = str(value)
    return text if re.fullmatch(r"[A-Za-z0-9_.+-]+", text) else f"'{text}'"
