"""The README says what the reference runs said, and its examples run."""

from __future__ import annotations

import json
import re

import pytest

from figures import readme
from theory.checks import InputError


def test_the_table_is_that_of_the_verdicts():
    text = readme.README.read_text(encoding="utf-8")
    assert readme.with_table(text, json.loads(readme.VERDICTS.read_text(encoding="utf-8"))) == text


def test_a_changed_verdict_changes_the_table():
    text, rows = readme.README.read_text(encoding="utf-8"), json.loads(readme.VERDICTS.read_text(encoding="utf-8"))
    rows[0]["measured"] *= 1.1
    assert readme.with_table(text, rows) != text
    with pytest.raises(InputError, match="markers"):
        readme.with_table("nothing", rows)


def test_every_figure_of_the_readme_is_there():
    for path in re.findall(r"\((docs/figures/[^)]+)\)", readme.README.read_text(encoding="utf-8")):
        assert (readme.ROOT / path).is_file(), path


def test_the_python_example_runs(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", readme.README.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102
    assert float(capsys.readouterr().out) < 0.2
