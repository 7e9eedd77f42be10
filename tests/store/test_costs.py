"""What a long command is said to take is what its records say, scaled to what is asked for."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from simulations.store import costs
from simulations.store.costs import Expected, expected, recorded, ship
from simulations.store.files import DamagedError
from simulations.store.sources import ROOT
from simulations.verdict import long_commands


def keep(folder, name, content):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(content))


def test_parts_add_up_and_share_processes(tmp_path):
    verdicts = [{"claim": "a", "seconds": 120.0}, {"claim": "b", "seconds": 480.0}]
    keep(tmp_path, "verdicts.json", [*verdicts, {"claim": "c", "seconds": 240.0}])
    assert expected("figures", ["a", "b", "c"], 1, tmp_path).seconds == 840
    assert expected("figures", ["a", "b", "c"], 2, tmp_path).seconds == 480  # the longest alone
    assert expected("figures", ["a", "c"], 2, tmp_path).seconds == 240
    partly = expected("figures", ["a", "new"], 1, tmp_path)
    assert (partly.seconds, partly.missing) == (120, 1)
    assert "more than 2 min, no record of 1 of its 2 parts" in partly.line("make figures")


def test_units_of_a_part_scale_and_several_records_average(tmp_path):
    tweaks = [{"claim": "a", "seconds": 10.0}, {"claim": "a", "seconds": 30.0}]
    keep(tmp_path, "tweaks.json", tweaks)
    assert expected("tweaks", {"a": 100}, 2, tmp_path).seconds == 2000
    keep(tmp_path, "costs.json", {"coverage": {"seconds": {"x": 0.5}, "bytes": 10**9}})
    assert expected("coverage", {"x": 300}, 1, tmp_path).seconds == 150


def test_without_records_that_is_what_is_said(tmp_path):
    line = expected("bench", ["all"], 1, tmp_path).line("make bench")
    assert line == "make bench: no record of its time, no record of its memory"


def test_too_little_memory_is_told(monkeypatch):
    monkeypatch.setattr(costs, "memory", lambda: 10**9)
    cost = Expected(1, 60.0, 0, 3 * 10**9, 2)
    assert "at most 3 GB of memory, which is more than the 1 GB of this machine" in cost.line("x")
    monkeypatch.setattr(costs, "memory", lambda: 10**10)
    assert cost.line("x") == "x: about 60 s, at most 3 GB of memory (measured on 2 processors)"


def test_a_run_leaves_a_record_and_the_longest_of_several_counts(tmp_path):
    for seconds in (20.0, 50.0, 1.0):
        with recorded("convergence", tmp_path) as spent:
            spent.add("markov", seconds)
    found = expected("convergence", ["markov"], 1, tmp_path)
    assert found.seconds == 50 and found.bytes > 10**7
    ship(tmp_path, tmp_path / "docs")
    assert expected("convergence", ["markov"], 1, tmp_path / "docs").seconds == 50


def test_a_record_that_ships_keeps_what_was_not_run_again(tmp_path):
    old = {"seconds": {"a": 5.0, "b": 7.0}, "bytes": 1, "processors": 1, "finished": ""}
    keep(tmp_path / "docs", "costs.json", {"convergence": old, "bench": old})
    with recorded("convergence", tmp_path) as spent:
        spent.add("a", 9.0)
    ship(tmp_path, tmp_path / "docs")
    shipped = json.loads((tmp_path / "docs" / "costs.json").read_text())
    assert shipped["convergence"]["seconds"] == {"a": 9.0, "b": 7.0} and shipped["bench"] == old


def test_a_run_that_fails_leaves_no_record(tmp_path):
    with pytest.raises(ZeroDivisionError), recorded("bench", tmp_path, part="all"):
        raise ZeroDivisionError
    assert not (tmp_path / "costs.json").exists()


def test_a_damaged_record_is_named(tmp_path):
    (tmp_path / "costs.json").write_text("{")
    with pytest.raises(DamagedError, match="costs.json"):
        expected("bench", ["all"], 1, tmp_path)


def test_memory_is_in_bytes_and_holds_what_was_allocated():
    program = (
        "import numpy as np; from simulations.store.costs import peak; "
        "a = np.ones(50_000_000); print(peak())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    # a process begins with the peak of the one that started it
    assert 4e8 < int(done.stdout) < 4e9


@pytest.mark.parametrize("command", long_commands.COMMANDS)
def test_every_long_command_is_told_in_a_line(command):
    line = long_commands.line(command)
    assert line.startswith(f"make {command}: ") and "\n" not in line
