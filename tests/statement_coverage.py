"""Which lines of the core the tests run, kernels included: docs/statement-coverage.md and .json.

    python -m tests.statement_coverage

Compiled code runs no lines that coverage could see, so the compiler is off. That is a hundred times
slower: the tests here are those of the core that are small enough for it. What only larger tests
reach, or scores that a user's function defines and that need the compiler, counts as not run: the
true share is higher.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from simulations.store.files import write_json, write_text
from simulations.store.sources import ROOT

TESTS = (
    "tests/attention/engines/test_kernels.py",
    "tests/attention/test_hostile_tokens.py",
    "tests/attention/test_hostile_properties.py",
    "tests/tokens/test_hostile_densities.py",
    "tests/tokens/test_thinning.py",
    "tests/statistics/test_intervals.py",
    "tests/statistics/test_limits.py",
)
CORE = ("simulations/attention", "simulations/tokens", "simulations/statistics", "theory/setting")
TABLE = ROOT / "docs" / "statement-coverage.md"


def main() -> int:
    """Run the tests under coverage, and write the table; returns the exit code of the tests."""
    try:
        import coverage
    except ImportError:
        print("error: coverage is not installed; `make statement-coverage` installs it")
        return 2
    start = time.perf_counter()
    # Python's own monitoring, where there is one, costs a tenth of tracing
    core = {"COVERAGE_CORE": "sysmon"} if sys.version_info >= (3, 12) else {}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        words = [sys.executable, "-m", "coverage", "run", f"--data-file={data}"]
        words += [f"--source={','.join(CORE)}", "-m", "pytest", "-p", "tests.without_compiler"]
        words += ["-p", "no:cacheprovider", *TESTS]
        done = subprocess.run(words, cwd=ROOT, env=os.environ | core | {"NUMBA_DISABLE_JIT": "1"})
        found = coverage.Coverage(data_file=str(data))
        found.load()
        report = Path(folder) / "report.json"
        found.json_report(outfile=str(report))
        files = json.loads(report.read_text())["files"]
    record = summary(files) | {
        "seconds": round(time.perf_counter() - start),
        "failed": done.returncode != 0,
        "tests": list(TESTS),
    }
    if done.returncode:
        print("error: tests failed without the compiler; nothing is written")
        return done.returncode
    write_json(TABLE.with_suffix(".json"), record)
    write_text(TABLE, table(record))
    print(f"written: {TABLE.relative_to(ROOT)}")
    return 0


def summary(files: dict) -> dict:
    """Lines of each folder of the core and of each file of kernels: how many there are, how many
    were run."""
    parts = {part: [0, 0] for part in CORE}
    kernels = {}
    for name, found in sorted(files.items()):
        path = Path(name).as_posix()
        lines = found["summary"]["num_statements"], found["summary"]["covered_lines"]
        part = next(p for p in CORE if path.startswith(p + "/"))
        parts[part] = [a + b for a, b in zip(parts[part], lines, strict=True)]
        if path.endswith("_kernels.py"):
            kernels[path] = list(lines)
    return {"folders": parts, "kernels": kernels}


def table(record: dict) -> str:
    """The record as Markdown."""
    lines = [
        "# Lines that tests run",
        "",
        "Written by `make statement-coverage`: the core with the compiler off, so that the lines of "
        "kernels count, by those of its tests that are small enough for that. What only the others "
        "reach counts as not run.",
        "",
        "| what | statements | run | share |",
        "|---|---|---|---|",
    ]
    for name, (n, covered) in (record["folders"] | record["kernels"]).items():
        lines.append(f"| `{name}` | {n} | {covered} | {100 * covered / max(1, n):.0f} % |")
    n, covered = (sum(v[k] for v in record["folders"].values()) for k in (0, 1))
    lines.append(f"| **all folders** | {n} | {covered} | **{100 * covered / max(1, n):.0f} %** |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
