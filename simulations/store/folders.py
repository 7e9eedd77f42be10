"""Folders that are written to: checked before the work, and named where they cannot be written."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

from theory.setting.checks import InputError

RESULTS = "results folder"  # what --results names
PROBE_BYTES = 4096


def own_folder(what: str, given: str | Path) -> Path:
    """The folder, with ~ for the home; raises InputError for the current one, by any name.

    A run replaces folders inside it: it is to hold nothing else.
    """
    try:
        path = Path(given).expanduser()
        current = path.resolve() == Path().resolve() or (path.exists() and path.samefile("."))
    except (OSError, RuntimeError, ValueError) as error:
        raise InputError(f"{what}: got {str(given)!r}, expected a folder ({error})") from None
    if current:
        raise InputError(
            f"{what}: got the current folder ({str(given)!r}), expected one of its own, such as "
            f"{what.split()[0]}"
        )
    return path


def check_writable(what: str, folder: Path) -> None:
    """Make the folder and write to it; raises InputError where that fails: before an hour of work,
    not after it."""
    with writing(what, folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder, buffering=0) as probe:
            probe.write(b"x" * PROBE_BYTES)


@contextlib.contextmanager
def writing(what: str, folder: Path):
    """What fails in the block because `folder` cannot be written: raises InputError."""
    try:
        yield
    except OSError as error:
        other = "; --results names another" if what == RESULTS else ""
        raise InputError(
            f"{what} {folder}: cannot write there ({error.strerror or error}){other}"
        ) from error
