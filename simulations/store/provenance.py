"""Where a number comes from: versions of the libraries, and the commit of the sources."""

from __future__ import annotations

import platform
import subprocess
from importlib.metadata import version

from simulations.store.sources import ROOT

LIBRARIES = ("numpy", "scipy", "numba", "sympy", "finufft")


def versions() -> dict[str, str]:
    """Python and the libraries that numbers depend on."""
    return {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES}


def commit() -> str:
    """The commit of the working tree, with "+" where files differ from it; "unknown" outside git."""
    head = _git("rev-parse", "--short=12", "HEAD")
    if head is None:
        return "unknown"
    return head + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")


def _git(*words):
    try:
        done = subprocess.run(
            ["git", *words], cwd=ROOT, capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
