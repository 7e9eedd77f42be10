"""Files that nobody ever sees half of."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    atomically(path, lambda handle: handle.write(text.encode("utf-8")))


def save_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write arrays to an .npz file, whole or not at all."""
    atomically(path, lambda handle: np.savez_compressed(handle, **arrays))


def load_arrays(path: Path) -> dict[str, np.ndarray]:
    """Read the arrays of an .npz file; object arrays are refused."""
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def atomically(path: Path, write) -> None:
    """Call write(handle) on a fresh file beside `path`, then put it in its place by a rename."""
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
