"""The README says what the reference runs said, and its examples run."""

from __future__ import annotations

import json
import re
import sys

import pytest

import figures
from figures import readme
from simulations import experiments, results
from simulations.experiments.settings import GENERIC_DENSITY, REFERENCE_DENSITIES
from theory.setting.checks import InputError


def records():
    return tuple(json.loads(path.read_text(encoding="utf-8")) for path in (readme.VERDICTS, readme.BENCH))


def test_the_tables_are_those_of_the_records():
    text = readme.README.read_text(encoding="utf-8")
    assert readme.with_tables(text, *records()) == text


def test_a_changed_verdict_changes_the_table():
    text = readme.README.read_text(encoding="utf-8")
    rows, bench = records()
    rows[0]["checks"][0]["measured"] *= 1.1
    assert readme.with_tables(text, rows, bench) != text
    rows, bench = records()
    bench["steps"][0]["ours"] *= 1.5
    assert readme.with_tables(text, rows, bench) != text
    with pytest.raises(InputError, match="markers"):
        readme.with_tables("nothing", rows, bench)


def test_every_row_of_the_table_has_its_seven_cells():
    lines = readme.table(json.loads(readme.VERDICTS.read_text(encoding="utf-8"))).splitlines()
    assert {len(re.split(r"(?<!\\)\|", line)) for line in lines} == {9}
    assert any("\\|J\\|^2" in line for line in lines)


def test_the_reference_densities_of_the_docs_are_those_of_the_code():
    text = (readme.ROOT / "docs" / "theory.md").read_text(encoding="utf-8")
    for name, formula in {**REFERENCE_DENSITIES, "any other": GENERIC_DENSITY}.items():
        assert f"| {name} | `{formula}` |" in text
        assert f"| {name} | `{formula}/2` |" not in text


def test_every_figure_of_the_readme_is_there():
    for path in re.findall(r"\((docs/figures/[^)]+)\)", readme.README.read_text(encoding="utf-8")):
        assert (readme.ROOT / path).is_file(), path


def code_blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", readme.README.read_text(encoding="utf-8"), re.DOTALL)


def test_the_python_example_runs(capsys):
    exec(compile(code_blocks()[0], "README.md", "exec"), {})  # noqa: S102
    assert float(capsys.readouterr().out) < 0.2


def test_the_example_of_a_claim_runs_from_its_two_files(tmp_path, monkeypatch):
    for package, code in zip((experiments, figures), code_blocks()[1:], strict=True):
        folder = tmp_path / package.__name__
        folder.mkdir()
        (folder / "shrinking.py").write_text(code, encoding="utf-8")
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    caches = (experiments.claims, figures.names)
    for cache in caches:
        cache.cache_clear()
    try:
        module = experiments.load("shrinking")
        result = results.execute("shrinking", module, module.Parameters(**module.SMALL), root=tmp_path / "results", quiet=True)
        assert result.record["verdict"] == "supported" and result.checks[0].control_rejected
        assert "shrinking" in figures.names()
        figures.load("shrinking").draw(result)
    finally:
        for cache in caches:
            cache.cache_clear()
        for name in ("simulations.experiments.shrinking", "figures.shrinking"):
            sys.modules.pop(name, None)
