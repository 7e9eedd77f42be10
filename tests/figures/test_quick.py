"""The first look: what the long targets take is read off the shipped runs, and one claim is shown."""

from __future__ import annotations

import json

from click.testing import CliRunner

from figures import __main__ as command_line
from figures import quick
from theory.claims import claims


def test_costs_are_those_of_the_shipped_runs(tmp_path):
    record = [{"claim": "a", "seconds": 120.0}, {"claim": "b", "seconds": 480.0}]
    path = tmp_path / "verdicts.json"
    path.write_text(json.dumps(record))
    first = quick.costs(path)[0]
    assert "2 claims, 2 at a time: about 5 min (the longest, b, 8.0 min)" in first
    assert f"{len(claims())} claims" in quick.costs()[0]


def test_a_first_look_ends_with_a_verdict_and_a_figure(tmp_path, monkeypatch):
    monkeypatch.setattr(command_line, "OUTPUT", tmp_path / "figures")
    monkeypatch.setattr(
        quick, "PARAMETERS", {"manifolds": ("circle",), "n_tokens": 400, "n_seeds": 8}
    )
    done = CliRunner().invoke(command_line.cli, ["quick", "--results", str(tmp_path), "--quiet"])
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[0].startswith("make figures")
    assert any(line.startswith("generator: ") for line in lines)
    assert "MB of memory" in lines[-1]
    assert list((tmp_path / "figures").glob("generator-*.png"))
