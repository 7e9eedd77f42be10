"""Results on disk: one folder a run, named by its parameters, written atomically, resumed where it stopped.

results/<claim>/<name>/result.json   parameters, seed, versions, source digest, checks, verdict, run time
results/<claim>/<name>/arrays.npz    what the figures draw
results/<claim>/<name>.partial/      finished pieces of a run that is not finished
results/verdicts.json                the reference runs, one object a claim
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import platform
import re
import shutil
import tempfile
import time
import zipfile
import zlib
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from tqdm import tqdm

from simulations import sources
from simulations.verdict import CONFIDENCE, Check, overall
from theory.checks import InputError

LIBRARIES = ("numpy", "scipy", "numba", "sympy")
HEADLINE_KEYS = ("predicted", "measured", "ci_low", "ci_high", "control", "control_value", "control_rejected", "kind")


@dataclass(frozen=True)
class Outcome:
    """What an experiment returns: checks (the first is the headline), arrays for the figures, tables as text."""

    checks: tuple[Check, ...]
    arrays: dict[str, np.ndarray]
    tables: tuple[str, ...] = ()

    def __post_init__(self):
        if not self.checks:
            raise InputError("outcome: got no checks, expected at least one")


@dataclass(frozen=True)
class Result:
    """A finished run, as read from disk."""

    folder: Path
    record: dict
    arrays: dict[str, np.ndarray]

    @property
    def claim(self) -> str:
        return self.record["claim"]

    @property
    def parameters(self) -> dict:
        return self.record["parameters"]

    @property
    def checks(self) -> tuple[Check, ...]:
        return tuple(Check(**c) for c in self.record["checks"])

    def check(self, quantity: str) -> Check:
        """The check of that name; raises InputError if there is none."""
        for c in self.checks:
            if c.quantity == quantity:
                return c
        raise InputError(f"check: got {quantity!r}, expected one of {[c.quantity for c in self.checks]}")


UNREADABLE = (ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)
RECORD_KEYS = {"claim", "parameters", "verdict", "checks", "tables", "command", "sources", "seconds", "versions"}


class Run:
    """A run in progress: remembers finished pieces on disk and shows progress."""

    def __init__(self, partial: Path | None, quiet: bool = False):
        self.partial, self.quiet = partial, quiet

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
        """A progress bar, silent when quiet or where nobody watches for two seconds."""
        return tqdm(iterable, total=total, desc=label, disable=self.quiet or None, delay=2, leave=False)


def run_name(parameters, reference) -> str:
    """Folder name of a run: what differs from the reference parameters, and a digest of all of them."""
    given, base = dataclasses.asdict(parameters), dataclasses.asdict(reference)
    text = json.dumps(given, sort_keys=True)
    changed = ",".join(f"{k}={v}" for k, v in given.items() if v != base[k]) or "reference"
    return f"{_file_name(changed)}-{_short_digest(text)}"


def execute(claim: str, module, parameters, *, root: Path, force: bool = False, quiet: bool = False) -> Result:
    """Run an experiment, or read its result if the same parameters and the same sources have one already.

    Raises InputError if the folder cannot be written. An interrupted run leaves its finished pieces in the
    .partial folder and no result; the next call takes them up.
    """
    if Path(root) == Path():
        raise InputError("results: got the current folder, expected one of its own, such as results")
    digest = sources.digest(module.__name__)
    folder = Path(root) / claim / run_name(parameters, module.Parameters())
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
        start = time.perf_counter()
        outcome = module.run(parameters, Run(partial, quiet))
        seconds = time.perf_counter() - start
        record = {
            "claim": claim,
            "parameters": dataclasses.asdict(parameters),
            "seed": parameters.seed,
            "verdict": overall(outcome.checks),
            "checks": [c.as_dict() for c in outcome.checks],
            "tables": list(outcome.tables),
            "command": command(claim, parameters, module.Parameters()),
            "sources": digest,
            "seconds": round(seconds, 1),
            "finished": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "versions": {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES},
        }
        _publish(folder, partial, record, outcome.arrays)
    except InputError:
        with contextlib.suppress(OSError):
            partial.rmdir()
        raise
    except OSError as error:
        raise InputError(f"results folder {folder.parent}: cannot write there ({error.strerror or error})") from error
    return read(folder)


def command(claim: str, parameters, reference) -> str:
    """The command line that regenerates a run."""
    parts = [f"python -m simulations run {claim}"]
    for field in dataclasses.fields(parameters):
        value = getattr(parameters, field.name)
        if value != getattr(reference, field.name):
            values = value if isinstance(value, tuple) else (value,)
            parts += [f"--{option_name(field)} {_quoted(v)}" for v in values]
    return " ".join(parts)


def option_name(field) -> str:
    """Command-line name of a parameter: dashes, and the singular where the option may be repeated."""
    name = field.name
    if isinstance(field.default, tuple):
        name = name.removesuffix("ies") + "y" if name.endswith("ies") else name.removesuffix("s")
    return name.replace("_", "-")


def read(folder: Path) -> Result | None:
    """The finished run in `folder`, or None if there is none."""
    try:
        record = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        if not isinstance(record, dict) or (missing := RECORD_KEYS - set(record)):
            raise ValueError(f"no {', '.join(sorted(missing))}" if isinstance(record, dict) else f"a {type(record).__name__}")
        return Result(folder, record, load_arrays(folder / "arrays.npz"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (*UNREADABLE, OSError) as error:
        raise InputError(f"result {folder}: cannot be read ({error}); remove the folder and run again") from error


def write_verdicts(results, root: Path) -> Path:
    """results/verdicts.json from the given reference results: one object a claim, its other checks inside."""
    rows = []
    for result in results:
        checks = [c.as_dict() for c in result.checks]
        head = {"claim": result.claim, "verdict": result.record["verdict"], "quantity": checks[0]["quantity"]}
        head |= {key: checks[0][key] for key in HEADLINE_KEYS}
        head |= {"controls_rejected": all(c["control_rejected"] for c in checks)}
        rows.append(head | {"confidence": CONFIDENCE, "checks": checks, "parameters": result.parameters, "command": result.record["command"]})
    path = Path(root) / "verdicts.json"
    write_text(path, json.dumps(rows, indent=1) + "\n")
    return path


def write_text(path: Path, text: str) -> None:
    """Write a text file so that nobody ever sees half of it."""
    _atomically(path, lambda handle: handle.write(text.encode("utf-8")))


def save_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write arrays to an .npz file so that nobody ever sees half of it."""
    _atomically(path, lambda handle: np.savez_compressed(handle, **arrays))


def load_arrays(path: Path) -> dict[str, np.ndarray]:
    """Read the arrays of an .npz file; object arrays are refused."""
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def _atomically(path, write):
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as handle:
            write(handle)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _publish(folder, partial, record, arrays):
    """Fill a fresh folder beside the target, then swap it in by a rename."""
    fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        os.chmod(fresh, 0o755)
        save_arrays(fresh / "arrays.npz", {name: np.asarray(a) for name, a in arrays.items()})
        write_text(fresh / "result.json", json.dumps(record, indent=1) + "\n")
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(fresh, folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    shutil.rmtree(partial, ignore_errors=True)


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
