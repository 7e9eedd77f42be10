"""Files that nobody ever sees half of, and that are read as they were written or not at all.

What is stored carries the SHA-256 of its content: a record (JSON) under the key SEAL, a piece
(.npz) as an array of that name, the arrays of a result in its record. Whatever goes wrong while a
file is read, a flipped bit or a wrong type, is one thing: it is damaged.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import warnings
from pathlib import Path

import numpy as np

from theory.setting.checks import InputError, shown

SEAL = "sha256"
ATTEMPTS = 5  # to write a file whose folder another process takes away


class DamagedError(InputError):
    """A stored file is not what was written there; the message names it, in one line."""


@contextlib.contextmanager
def reading(path: Path):
    """Whatever goes wrong in the block is damage to the file `path`: raises DamagedError."""
    try:
        with warnings.catch_warnings():
            # NumPy and zipfile warn of some damage and go on
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", ResourceWarning)
            yield
    except DamagedError:
        raise
    except Exception as error:
        words = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise DamagedError(
            f"{path}: cannot be read ({words[:160] or type(error).__name__})"
        ) from error


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    atomically(path, lambda handle: handle.write(text.encode("utf-8")))


def save_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write arrays to an .npz file, whole or not at all."""
    atomically(path, lambda handle: np.savez_compressed(handle, **arrays))


def load_arrays(path: Path, seal: str | None = None) -> dict[str, np.ndarray]:
    """Read the arrays of an .npz file; object arrays are refused.

    seal: what `digest` gave when they were written. Raises DamagedError.
    """
    with reading(path):
        # NumPy leaves a file open that it cannot read
        with path.open("rb") as handle, np.load(handle, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        if seal is not None and digest(arrays) != seal:
            raise ValueError("its arrays are not those that were written")
    return arrays


def save_piece(path: Path, key: str, arrays: dict[str, np.ndarray]) -> None:
    """Write the arrays of the piece `key` with their digest."""
    save_arrays(path, arrays | {SEAL: np.array(digest(arrays, key))})


def load_piece(path: Path, key: str) -> dict[str, np.ndarray]:
    """The arrays of the piece `key`; raises DamagedError, also where it is another piece."""
    arrays = load_arrays(path)
    with reading(path):
        if str(arrays.pop(SEAL)) != digest(arrays, key):
            raise ValueError("it is not the piece that was written")
    return arrays


def digest(arrays: dict[str, np.ndarray], key: str = "") -> str:
    """SHA-256 of the key and of the names, types, shapes and values of arrays, in hexadecimal."""
    total = hashlib.sha256(key.encode())
    for name in sorted(arrays):
        array = np.asarray(arrays[name])
        total.update(f"\0{name}\0{array.dtype.str}\0{array.shape}\0".encode())
        total.update(array.tobytes())
    return total.hexdigest()


def sealed(record: dict) -> dict:
    """The record as JSON takes it, with the digest of its content."""
    plain = json.loads(json.dumps(record))
    return plain | {SEAL: _text_digest(plain)}


def unsealed(record: dict) -> dict:
    """The record without its digest; raises ValueError unless its content has that digest."""
    if not isinstance(record, dict) or SEAL not in record:
        raise ValueError("it has no digest")
    content = {key: value for key, value in record.items() if key != SEAL}
    if _text_digest(content) != record[SEAL]:
        raise ValueError("its content is not what was written")
    return content


def write_json(path: Path, content) -> None:
    """Write JSON that people can read, whole or not at all."""
    write_text(path, json.dumps(content, indent=1) + "\n")


def read_json(path: Path):
    """The content of a JSON file; raises DamagedError, also where there is none."""
    with reading(path):
        return json.loads(path.read_text(encoding="utf-8"))


def read_record(path: Path, types: dict) -> dict:
    """A sealed record whose values have these types, as of `require_types`; raises DamagedError."""
    content = read_json(path)
    with reading(path):
        record = unsealed(content)
        require_types(record, types)
    return record


def require_types(record: dict, types: dict) -> None:
    """Raise ValueError unless each key has a value of its type: a type or several, float for any
    number, [type] for a list and {str: type} for a dictionary of such values."""
    for key, kind in types.items():
        if not _is(record.get(key), kind):
            raise ValueError(f"{key}: got {shown(record.get(key))}")


def _is(value, kind):
    if isinstance(kind, list):
        return isinstance(value, list) and all(_is(v, kind[0]) for v in value)
    if isinstance(kind, dict):
        return isinstance(value, dict) and all(_is(v, kind[str]) for v in value.values())
    if isinstance(value, bool):
        return kind is bool or kind is object
    if kind is float:
        return isinstance(value, float) or (isinstance(value, int) and abs(value) < 2**1000)
    return isinstance(value, kind)


def _text_digest(content):
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def atomically(path: Path, write) -> None:
    """Call write(handle) on a fresh file beside `path`, then put it in its place by a rename.

    Raises OSError that names the path. A folder that a second process removes meanwhile, because it
    has finished the same run, is made again.
    """
    for attempt in range(ATTEMPTS):
        try:
            return _write_and_rename(path, write)
        except FileNotFoundError as error:
            if attempt == ATTEMPTS - 1:
                raise OSError(error.errno, error.strerror, str(path)) from error
        except OSError as error:
            raise OSError(error.errno, error.strerror or str(error), str(path)) from error


def _write_and_rename(path, write):
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
