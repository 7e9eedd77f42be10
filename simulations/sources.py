"""Which project files a module depends on, found by reading the imports, and a digest of what they say."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("theory", "simulations", "figures")


def imported_modules(path: Path) -> set[str]:
    """Dotted names of the project modules that the file imports, `from x import y` counted as x and x.y."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in names if name.split(".")[0] in PACKAGES}


def dependencies(module: str) -> set[Path]:
    """The project files that `module` runs, itself included, following imports to the end."""
    found, waiting = set(), [module]
    while waiting:
        path = _file(waiting.pop())
        if path is not None and path not in found:
            found.add(path)
            waiting += imported_modules(path)
    return found


def digest(module: str) -> str:
    """SHA-256 of the sources that `module` runs, 16 hexadecimal digits: it changes when a result may change."""
    total = hashlib.sha256()
    for path in sorted(dependencies(module)):
        total.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()[:16]


def _file(module):
    base = ROOT.joinpath(*module.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return None
