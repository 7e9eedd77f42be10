"""Where a number comes from: versions of the libraries, and the commit of the sources."""

from __future__ import annotations

import platform
import subprocess
from importlib.metadata import packages_distributions, version

from simulations.store.sources import ROOT

LIBRARIES = ("numpy", "scipy", "numba", "sympy", "finufft")


def versions() -> dict[str, str]:
    """Python and the libraries that numbers depend on."""
    return {"python": platform.python_version()} | {name: version(name) for name in LIBRARIES}


def versions_of(modules) -> dict[str, str]:
    """The versions of installed libraries, by the names under which they are imported."""
    distributions = packages_distributions()
    return {name: version(distributions[name][0]) for name in modules}


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
