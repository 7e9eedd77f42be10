"""The examples of a page, run as a reader would: Python, files that it names, and commands.

A block of Python that opens with a comment such as `# theory/claims/lazy.py` is a file of the
reader's clone; any other is run. A block of sh is run in that clone. A block of text is what the
block before it printed: all of it for Python, the beginnings of some of its lines for a command.
Numbers may differ by one unit of the last digit that is shown.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

from sybil.document import Document
from sybil.parsers.myst import CodeBlockParser

from simulations.store.sources import ROOT

FILE = re.compile(r"# ([\w/]+\.py)\n")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
PYTHON = ".venv/bin/python"  # as the pages call it


def clone(folder: Path) -> Path:
    """A copy of the sources with the stored measurements, whose .venv is this Python."""
    for name in ("theory", "simulations", "figures"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("output"))
    # what is stored there is read, never written
    (folder / "docs").symlink_to(ROOT / "docs")
    python = folder / PYTHON
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    return folder


def run_page(path: Path, folder: Path) -> int:
    """Run every example of a page in order, in the clone `folder`; returns how many there were."""
    reader = Reader(folder)
    blocks = {"python": reader.python, "sh": reader.sh, "text": reader.text}
    parsers = [CodeBlockParser(language, run) for language, run in blocks.items()]
    examples = list(Document.parse(str(path), *parsers).examples())
    with contextlib.chdir(folder):
        for example in examples:
            example.evaluate()
    return len(examples)


class Reader:
    """Who goes through a page: the names defined so far, and what was printed last."""

    def __init__(self, folder: Path):
        self.folder, self.names = folder, {"__name__": "__page__"}
        self.printed, self.of_command = None, False

    def python(self, example):
        source = str(example.parsed)
        if named := FILE.match(source):
            path = self.folder / named[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source, encoding="utf-8")
            return
        # so that an error names the line of the page
        code = compile(
            "\n" * (example.line + example.parsed.line_offset) + source, example.path, "exec"
        )
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(code, self.names)  # noqa: S102
        self.printed, self.of_command = out.getvalue(), False

    def sh(self, example):
        assert PYTHON in example.parsed, f"{example.parsed!r}: expected {PYTHON} ..."
        done = subprocess.run(
            ["bash", "-uc", str(example.parsed)], cwd=self.folder, capture_output=True, text=True,
            env=os.environ | {"PYTHONWARNINGS": "error::RuntimeWarning"},
        )  # fmt: skip
        self.printed, self.of_command = done.stdout + done.stderr, True
        assert done.returncode == 2 * ("\nerror: " in "\n" + done.stderr), self.printed

    def text(self, example):
        shown, printed = example.parsed.splitlines(), self.printed.splitlines()
        if not self.of_command:
            assert len(shown) == len(printed), f"printed:\n{self.printed}"
        left = iter(printed)
        for line in shown:
            assert any(_same(line, other, self.of_command) for other in left), (
                f"{line!r} is not printed, or not there; printed:\n{self.printed}"
            )


def _same(shown: str, printed: str, beginning: bool) -> bool:
    """Whether a line is the printed one, or its beginning, but for the last digits of numbers."""
    words, others = NUMBER.split(" ".join(shown.split())), NUMBER.split(" ".join(printed.split()))
    numbers, found = NUMBER.findall(shown), NUMBER.findall(printed)
    if beginning:
        last = words.pop()
        if not (len(others) > len(words) and others[len(words)].startswith(last)):
            return False
        others, found = others[: len(words)], found[: len(numbers)]
    return words == others and len(numbers) == len(found) and all(map(_near, numbers, found))


def _near(shown: str, printed: str) -> bool:
    mantissa, _, power = shown.partition("e")
    unit = 10.0 ** (int(power or 0) - len(mantissa.partition(".")[2]))
    exact = "." not in shown and not power
    return abs(float(shown) - float(printed)) <= (0 if exact else 1.01 * unit)
