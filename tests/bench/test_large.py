"""Rows that are measured one study at a time: kept beside those of a run, with their dates."""

from __future__ import annotations

import json

import click
import numpy as np
import pytest

from figures import readme
from simulations.bench import __main__ as command
from simulations.bench import history, large_peers, samples, spectrum_peers
from simulations.bench.large_peers import merged
from simulations.store.files import read_json
from theory.setting.checks import InputError


def row(problem="N = 20", ratio=2.0, **more):
    numbers = {"ratio_low": ratio, "ratio_high": ratio, "our_error": 0.1, "peer_error": 0.2}
    return {
        "engine": "nufft", "problem": problem, "peer_name": "slow", "ours": 1.0, "peer": ratio,
        "ratio": ratio, **numbers, **more,
    }  # fmt: skip


def test_a_row_takes_the_place_of_the_same_one():
    kept = [row("a", 2.0), row("b", 3.0)]
    assert merged(kept, [row("b", 4.0), row("c", 5.0)]) == [row("a"), row("b", 4.0), row("c", 5.0)]
    missing = {"engine": "nufft", "problem": "b", "peer_name": "slow", "note": "not installed"}
    assert merged(kept, [missing]) == kept
    assert merged([], [missing]) == [missing]


@pytest.fixture
def run(tmp_path, monkeypatch):
    """The command with studies that take no time, and a history of its own."""
    monkeypatch.setattr(large_peers, "STUDIES", {"one": lambda: [row("a", 7.0)], "two": broken})
    monkeypatch.setattr(large_peers, "large_pairs", lambda x: None)
    shipped = tmp_path / "shipped.json"
    shipped.write_text(json.dumps({"finished": "2026-01-01", "steps": ["kept"], "large": [row()]}))
    monkeypatch.setattr(command, "SHIPPED", shipped)
    added = []
    monkeypatch.setattr(command, "append", added.append)

    def call(*words):
        arguments = [*words, "--results", str(tmp_path / "results")]
        command.bench.main(arguments, standalone_mode=False)
        return read_json(tmp_path / "results" / "bench.json"), added

    return call


def broken():
    raise KeyboardInterrupt


def test_a_study_is_added_to_the_record_that_is_there_with_its_date(run):
    record, added = run("--large", "one", "--history")
    assert record["steps"] == ["kept"] and record["finished"] == "2026-01-01"
    old, new = record["large"]
    assert old == row() and new["ratio"] == 7.0 and new["finished"] > "2026-01-01"
    # the history has what was measured, not what was kept
    assert history.entry(added[0])["ratios"] == {"nufft, a: slow": 7.0}


def test_what_was_measured_before_an_interruption_stays(run, tmp_path):
    with pytest.raises(click.exceptions.Abort):
        run("--large")
    record = read_json(tmp_path / "results" / "bench.json")
    assert [r["ratio"] for r in record["large"]] == [2.0, 7.0]


@pytest.mark.parametrize("words", [["--large", "three"], ["--large", ""], ["--large", "--quick"]])
def test_what_is_no_study_is_refused_before_anything_is_measured(run, tmp_path, words):
    with pytest.raises(InputError, match="--large"):
        run(*words)
    assert not (tmp_path / "results" / "bench.json").exists()


def test_the_table_says_the_day_of_a_row_of_its_own():
    record = readme.records()["bench"]
    record["large"] = [row("a", 7.0, finished="2026-02-03T01:00:00+0000")]
    (line,) = (x for x in readme.bench_table(record).splitlines() if "nufft, a |" in x)
    assert "7 [7, 7]; on 2026-02-03" in line


def test_eigenpairs_of_neighbours_are_those_of_the_sphere():
    pytest.importorskip("pydiffmap", reason="a peer of make bench (requirements-bench.txt)")
    (ours, coarse) = large_peers.eigenpair_rows(3000, repeats=1)
    for found in (ours, coarse):
        assert found["our_error"] < found["peer_error"] < 0.1
        # of 1 - mu, which cutting at the neighbours makes smaller
        assert found["our_rate_error"] < 1e-2 < found["peer_rate_error"] < 0.2
    assert ours["our_error"] <= coarse["our_error"]


def test_temperatures_of_neighbours_let_weights_fall_to_the_same_at_the_last():
    for n in (1000, 20_000):
        # the cap that holds 64 of n evenly spread tokens has 4 pi 64/n for its area
        square = 4 * 64 / n
        exponent = square / (4 * spectrum_peers.neighbour_temperature(n))
        assert exponent == pytest.approx(4)
        x = samples.spiral_points(n)
        distances = np.sort(((x - x[n // 2]) ** 2).sum(axis=1))
        assert distances[64] == pytest.approx(square, rel=0.1)
