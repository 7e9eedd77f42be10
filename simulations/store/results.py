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
import tempfile
import time
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from simulations.blas import one_blas_thread
from simulations.statistics.intervals import CONFIDENCE, Interval
from simulations.store import provenance, sources
from simulations.store.files import load_arrays, save_arrays, write_text
from simulations.store.quantities import Field, Number
from theory import claims
from theory.setting.checks import InputError

UNREADABLE = (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error)
RECORD_KEYS = {
    "claim", "parameters", "seed", "confidence", "numbers", "fields", "order", "tables", "command",
    "sources", "seconds", "loops", "finished", "versions", "commit",
}  # fmt: skip


@dataclass(frozen=True)
class Result:
    """A finished measurement, as read from disk."""

    folder: Path
    record: dict
    quantities: dict[str, Number | Field]
    arrays: dict[str, np.ndarray]

    @property
    def claim(self) -> str:
        return self.record["claim"]

    @property
    def parameters(self):
        """The parameters of the run, as the claim's dataclass."""
        given = {key: _as_given(value) for key, value in self.record["parameters"].items()}
        return claims.load(self.claim).Parameters(**given)

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
        # a damaged piece is computed again
        with contextlib.suppress(FileNotFoundError, *UNREADABLE):
            return load_arrays(path)
        arrays = {name: np.asarray(value) for name, value in compute().items()}
        save_arrays(path, arrays)
        return arrays

    def progress(self, iterable=None, *, total: int | None = None, label: str = ""):
        """A progress bar, silent when quiet or where nobody watches for two seconds.

        The time of a loop over an iterable of known length is added to `loops` by that length.
        """
        bar = tqdm(
            iterable, total=total, desc=label, disable=self.quiet or None, delay=2, leave=False
        )
        return bar if iterable is None else self._timed(bar, iterable)

    def _timed(self, bar, iterable):
        start = time.perf_counter()
        yield from bar
        if hasattr(iterable, "__len__"):
            length = str(len(iterable))
            self.loops[length] = self.loops.get(length, 0.0) + time.perf_counter() - start


def run_name(parameters, reference) -> str:
    """Folder name of a run: what differs from the reference, and a digest of all parameters."""
    given, base = dataclasses.asdict(parameters), dataclasses.asdict(reference)
    text = json.dumps(given, sort_keys=True)
    changed = ",".join(f"{k}={v}" for k, v in given.items() if v != base[k]) or "reference"
    return f"{_file_name(changed)}-{_short_digest(text)}"


def experiment(claim: str):
    """The module that measures a claim, simulations/experiments/<claim>."""
    claims.load(claim)
    return importlib.import_module(f"simulations.experiments.{claim}")


def execute(claim: str, parameters, *, root: Path, force: bool = False, quiet=False) -> Result:
    """Measure, or read the result if the same parameters and the same sources have one already.

    Raises InputError if the folder cannot be written. An interrupted run leaves its finished
    pieces in the .partial folder and no result; the next call takes them up.
    """
    if Path(root).resolve() == Path().resolve():
        raise InputError(
            "results: got the current folder, expected one of its own, such as results"
        )
    module, reference = experiment(claim), claims.load(claim).Parameters()
    digest = sources.digest(module.__name__)
    folder = Path(root) / claim / run_name(parameters, reference)
    if not force:
        existing = read(folder)
        if existing is not None and existing.record["sources"] == digest:
            return existing
    partial = folder.with_name(f"{folder.name}.{digest}.partial")
    try:
        if force:
            shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True, exist_ok=True)
        _probe(partial)
        start, run = time.perf_counter(), Run(partial, quiet)
        with one_blas_thread():
            measured = module.measure(parameters, run)
        seconds = time.perf_counter() - start
        record = {
            "claim": claim,
            "parameters": dataclasses.asdict(parameters),
            "seed": parameters.seed,
            "confidence": CONFIDENCE,
            **quantities_record(measured.quantities),
            "tables": list(measured.tables),
            "command": command(claim, parameters, reference),
            "sources": digest,
            "seconds": round(seconds, 1),
            "loops": {length: round(spent, 2) for length, spent in run.loops.items()},
            "finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "versions": provenance.versions(),
            "commit": provenance.commit(),
        }
        _publish(folder, partial, record, measured)
    except InputError:
        with contextlib.suppress(OSError):
            partial.rmdir()
        raise
    except OSError as error:
        raise InputError(
            f"results folder {folder.parent}: cannot write there ({error.strerror or error})"
        ) from error
    return read(folder)


def command(claim: str, parameters, reference) -> str:
    """The command line that regenerates a run."""
    parts = [f"python -m simulations run {claim}"]
    for f in dataclasses.fields(parameters):
        value = getattr(parameters, f.name)
        if value != getattr(reference, f.name):
            values = value if isinstance(value, tuple) else (value,)
            parts += [f"--{option_name(f)} {_quoted(v)}" for v in values]
    return " ".join(parts)


def option_name(f) -> str:
    """Command-line name of a parameter: dashes, and the singular where it may be repeated."""
    name = f.name
    if isinstance(f.default, tuple):
        plural = name.endswith("ies")
        name = name.removesuffix("ies") + "y" if plural else name.removesuffix("s")
    return name.replace("_", "-")


def read(folder: Path) -> Result | None:
    """The finished run in `folder`, or None if there is none; InputError if it is damaged."""
    try:
        record = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        if not isinstance(record, dict):
            raise ValueError(f"a {type(record).__name__}")
        if missing := RECORD_KEYS - set(record):
            raise ValueError(f"no {', '.join(sorted(missing))}")
        quantities = read_quantities(record, load_arrays(folder / "fields.npz"))
        return Result(folder, record, quantities, load_arrays(folder / "arrays.npz"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (*UNREADABLE, OSError, AttributeError, InputError) as error:
        raise InputError(
            f"result {folder}: cannot be read ({error}); remove the folder and run again"
        ) from error


def quantities_record(quantities: dict[str, Number | Field]) -> dict:
    """Numbers and what is said of fields, as JSON takes them."""
    numbers, fields_ = {}, {}
    for name, quantity in quantities.items():
        if isinstance(quantity, Number):
            wrong = {w: dataclasses.asdict(i) for w, i in quantity.wrong_methods.items()}
            numbers[name] = dataclasses.asdict(quantity.interval) | {"wrong_methods": wrong}
        else:
            fields_[name] = {
                "on_nodes": quantity.on_nodes,
                "wrong_methods": list(quantity.wrong_methods),
            }
    return {"numbers": numbers, "fields": fields_, "order": list(quantities)}


def fields_arrays(quantities: dict[str, Number | Field]) -> dict[str, np.ndarray]:
    """The arrays of the fields, by the place of the field among the quantities."""
    arrays = {}
    for place, quantity in enumerate(quantities.values()):
        if isinstance(quantity, Field):
            for key in ("values", "coordinates", "weights", "steps"):
                arrays[f"{place}-{key}"] = np.asarray(getattr(quantity, key))
            for k, wrong in enumerate(quantity.wrong_methods.values()):
                arrays[f"{place}-wrong{k}"] = np.asarray(wrong)
    return arrays


def read_quantities(record: dict, arrays: dict[str, np.ndarray]) -> dict[str, Number | Field]:
    """The inverse of `quantities_record` and `fields_arrays`."""
    quantities = {}
    for place, name in enumerate(record["order"]):
        if name in record["numbers"]:
            stored = dict(record["numbers"][name])
            wrong = {w: Interval(**i) for w, i in stored.pop("wrong_methods").items()}
            quantities[name] = Number(Interval(**stored), wrong)
        else:
            stored = record["fields"][name]
            wrong = {w: arrays[f"{place}-wrong{k}"] for k, w in enumerate(stored["wrong_methods"])}
            parts = [arrays[f"{place}-{k}"] for k in ("values", "coordinates", "weights", "steps")]
            quantities[name] = Field(*parts, stored["on_nodes"], wrong)
    return quantities


def _publish(folder, partial, record, measured):
    """Fill a fresh folder beside the target, then swap it in by a rename."""
    fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        os.chmod(fresh, 0o755)
        save_arrays(fresh / "fields.npz", fields_arrays(measured.quantities))
        save_arrays(
            fresh / "arrays.npz", {name: np.asarray(a) for name, a in measured.arrays.items()}
        )
        write_text(fresh / "result.json", json.dumps(record, indent=1) + "\n")
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(fresh, folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    shutil.rmtree(partial, ignore_errors=True)


def _as_given(value):
    return tuple(value) if isinstance(value, list) else value


def _file_name(text):
    return re.sub(r"[^A-Za-z0-9_.,=+-]+", "_", text)[:80]


def _short_digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _probe(folder):
    """Fail before an hour of work, not after it, if nothing can be written."""
    write_text(folder / ".probe", "x" * 4096)
    (folder / ".probe").unlink()


def _quoted(value):
    text = str(value)
    return text if re.fullmatch(r"[A-Za-z0-9_.+-]+", text) else f"'{text}'"
