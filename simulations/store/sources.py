"""Which project files a module depends on, and a digest of what they compute."""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("theory", "simulations", "figures")


def imported_modules(path: Path) -> set[str]:
    """Dotted names of the project modules that the file imports, `from x import y` as x and x.y."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in names if name.split(".")[0] in PACKAGES}


def dependencies(module: str) -> set[Path]:
    """The project files that `module` runs, itself included, following imports to the end."""
    known, waiting = set(), [module]
    while waiting:
        name = waiting.pop()
        # importing a.b.c runs a and a.b as well
        parts = name.split(".")
        for path in filter(None, (_file(".".join(parts[: k + 1])) for k in range(len(parts)))):
            if path not in known:
                known.add(path)
                waiting += _imports(path, path.stat().st_mtime_ns)
    return known


@cache
def _imports(path, _modified):
    return tuple(imported_modules(path))


def digest(module: str) -> str:
    """SHA-256 of the code that `module` runs, 16 hexadecimal digits.

    Comments, docstrings and line breaks do not count: it changes when a result may change.
    """
    total = hashlib.sha256()
    for path in sorted(dependencies(module)):
        code = _code(path, path.stat().st_mtime_ns)
        total.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + code + b"\0")
    return total.hexdigest()[:16]


@cache
def _code(path, _modified):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_text(body[0]):
            node.body = body[1:]
    return ast.dump(tree).encode()


def _is_text(node):
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _file(module):
    base = ROOT.joinpath(*module.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return None
