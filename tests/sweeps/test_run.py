"""What is measured is kept, what fails stops nothing, and a lost process loses no point."""

from __future__ import annotations

import csv
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from simulations.__main__ import cli, guarded
from simulations.store.results import read
from simulations.store.sources import ROOT
from simulations.sweeps.plan import plan
from simulations.sweeps.point import folder_of, keep, measure, stored
from simulations.sweeps.run import LOST, run
from simulations.verdict.join import judge
from simulations.verdict.sweep import ROWS, judged_rows, tabulate

CLAIM = "linear_attention"
SMALL = {"n_levels": "4", "n_tokens": "200,300,400,500"}


def told_of(told):
    return lambda point, outcome, done, total: told.append((point.values["n_tokens"], outcome))


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    root, told = tmp_path_factory.mktemp("results"), []
    asked = plan(CLAIM, SMALL | {"n_tokens": "200,300"})
    failed = run(asked, root, workers=1, report=told_of(told))
    assert failed == {} and sorted(told) == [(200, "measured"), (300, "measured")]
    return asked, root


def test_nothing_is_measured_twice(swept):
    asked, root = swept
    before = {
        folder_of(p, root): (folder_of(p, root) / "result.json").stat().st_mtime_ns
        for p in asked.points
    }
    told = []
    more = plan(CLAIM, SMALL | {"n_tokens": "200,250,300"})
    assert run(more, root, workers=1, report=told_of(told)) == {}
    assert told == [(200, "there"), (300, "there"), (250, "measured")]
    after = {
        folder_of(p, root): (folder_of(p, root) / "result.json").stat().st_mtime_ns
        for p in asked.points
    }
    assert before == after


def test_another_point_or_other_sources_are_not_taken_for_it(swept, monkeypatch):
    asked, root = swept
    first, second = asked.points
    assert stored(first, root).record["parameters"]["n_tokens"] == 200
    assert stored(plan(CLAIM, SMALL | {"n_tokens": "201"}).points[0], root) is None
    files = {p.name: p.read_bytes() for p in folder_of(first, root).iterdir()}
    assert "another result" in keep(second, files, root)
    monkeypatch.setattr("simulations.sweeps.point.sources.digest", lambda module: "other")
    assert stored(first, root) is None
    assert "other sources" in keep(first, files, root)


def test_damage_on_the_way_is_not_kept(swept, tmp_path):
    asked, root = swept
    files = {p.name: p.read_bytes() for p in folder_of(asked.points[0], root).iterdir()}
    files["result.json"] = files["result.json"].replace(b'"seconds"', b'"secondz"')
    assert "cannot be read" in keep(asked.points[0], files, tmp_path)
    assert [p for p in (tmp_path / CLAIM).iterdir()] == []


def test_the_table_has_the_rows_of_the_verdict(swept):
    asked, root = swept
    written, unjudged = tabulate(asked, {}, root)
    assert unjudged == {} and (root / CLAIM / "table.csv") in written
    with (root / CLAIM / "table.csv").open() as handle:
        rows = list(csv.DictReader(handle))
    expected = [
        (str(p.values["n_tokens"]), r.quantity, r.measured, r.ci_low, r.ci_high, r.verdict)
        for p in asked.points
        for r in judge(stored(p, root)).rows
    ]
    assert [
        (r["n_tokens"], r["quantity"], *(float(r[k]) for k in ("value", "low", "high")), r["verdict"])
        for r in rows
    ] == expected  # fmt: skip
    assert all(float(r["seconds"]) >= 0 for r in rows)
    tabulate(asked, {}, root, judging=False)
    with (root / CLAIM / "table.csv").open() as handle:
        plain = list(csv.DictReader(handle))
    assert {r["verdict"] for r in plain} == {""} and {r["predicted"] for r in plain} == {""}
    assert {r["quantity"] for r in plain} <= {r["quantity"] for r in rows}


def test_stored_rows_are_those_of_this_code(swept):
    asked, root = swept
    result = stored(asked.points[0], root)
    rows, path = judged_rows(result), result.folder / ROWS
    for wrong in ("{", json.dumps({"by": "other code", "rows": []})):
        path.write_text(wrong)
        assert judged_rows(result) == rows


def test_a_killed_process_loses_no_point(tmp_path):
    killed, told = [], []

    def report(point, outcome, done, total):
        told.append(outcome)
        if not killed:
            killed.append(multiprocessing.active_children()[0].pid)
            os.kill(killed[0], signal.SIGKILL)

    assert run(plan(CLAIM, SMALL), tmp_path, workers=2, report=report) == {}
    assert killed and told == ["measured"] * 4
    assert all(stored(p, tmp_path) for p in plan(CLAIM, SMALL).points)


def test_a_point_that_takes_its_process_along_is_given_up(tmp_path):
    over = threading.Event()

    def kill():
        while not over.is_set():
            for child in multiprocessing.active_children():
                child.kill()
            time.sleep(0.05)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        failed = run(plan(CLAIM, SMALL | {"n_tokens": "200"}), tmp_path, workers=1)
    finally:
        over.set()
        killer.join()
    assert failed == {0: LOST}


def test_what_goes_wrong_in_a_point_is_its_outcome(tmp_path, monkeypatch):
    point = plan(CLAIM, SMALL | {"n_tokens": "200"}).points[0]
    for error, said in (
        (MemoryError("no room"), "MemoryError: no room"),
        (OSError(28, "full"), "full"),
    ):

        def fail(*_, error=error, **__):
            raise error

        monkeypatch.setattr("simulations.sweeps.point.execute", fail)
        assert said in measure(point, tmp_path, 1).failed


def test_files_that_come_from_another_machine_are_the_result(tmp_path):
    point = plan(CLAIM, SMALL | {"n_tokens": "200"}).points[0]
    outcome = measure(point, None, 1)
    assert keep(point, outcome.files, tmp_path) == ""
    assert read(folder_of(point, tmp_path)).record["parameters"]["n_tokens"] == 200


def command(*arguments):
    return [sys.executable, "-m", "simulations", "sweep", CLAIM, *arguments]


def test_a_killed_sweep_is_taken_up(tmp_path):
    words = ["--n-levels=4", "--n-tokens=200,300,400", "--workers=1", f"--results={tmp_path}"]
    first = subprocess.Popen(command(*words), cwd=ROOT, stderr=subprocess.PIPE, text=True)
    line = first.stderr.readline()
    first.kill()
    first.wait(60)
    first.stderr.close()
    assert line.startswith("1 of 3, measured")
    again = subprocess.run(command(*words), cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert again.returncode == 0, again.stderr
    # it may have finished another one before it died
    assert again.stderr.splitlines()[0].startswith("1 of 3, there: n_levels=4, n_tokens=200")
    assert "3 of 3 points measured" in again.stdout
    left = [p.name for p in (tmp_path / "sweeps" / CLAIM).iterdir() if ".partial" in p.name]
    assert left == []


def test_the_command_reports_what_failed_and_says_so(tmp_path, capsys):
    words = ["sweep", CLAIM, "--n-levels=4", "--n-tokens=200,5", "--workers=1", "--quiet"]
    assert guarded(cli, [*words, f"--results={tmp_path}"], "simulations") == 1
    said = capsys.readouterr()
    assert "failed: n_levels=4, n_tokens=5: n_tokens: got 5" in said.err.replace(
        "--n-tokens", "n_tokens"
    )
    assert "1 of 2 points measured" in said.out
    record = json.loads((tmp_path / "sweeps" / CLAIM / "sweep.json").read_text())
    assert [f["values"]["n_tokens"] for f in record["failed"]] == [5]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--n-tokens=x"], "error: --n-tokens: "),
        (["--seeds=0"], "error: --seeds: got 0"),
        (["--workers=0", "--n-tokens=200", "--n-levels=4"], "error: --workers: got 0"),
        (["--no-such=1"], "error: No such option"),
    ],
)
def test_bad_options_are_one_line(tmp_path, capsys, words, message):
    assert guarded(cli, ["sweep", CLAIM, *words, f"--results={tmp_path}"], "simulations") == 2
    said = capsys.readouterr().err
    assert said.startswith(message) and said.count("\n") == 1
