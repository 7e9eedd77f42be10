"""The history of the benchmark: a line a run, whole or not at all, and its figure."""

import json

import pytest

from figures import bench_history
from simulations.bench import history
from simulations.store.files import DamagedError
from theory.setting.checks import InputError


def record(ratio=2.0, finished="2026-01-02T03:04:05+0000"):
    step = {"engine": "dense", "problem": "N = 20, R^3", "peer_name": "slow", "ratio": ratio}
    return {
        "finished": finished, "processors": 2, "load": 0.5, "quick": True,
        "steps": [step, {"engine": "dense", "problem": "N = 20", "peer_name": "gone", "note": "no"}],
        "spectra": [], "classical": [],
        "pde": [
            {"solver": "this project", "cells": "20x20", "ratio to ours": 1.0},
            {"solver": "py-pde", "cells": "20x20", "ratio to ours": 3.0},
            {"solver": "FiPy", "setting": "not installed"},
        ],
    }  # fmt: skip


def test_a_run_is_added_and_the_others_stay(tmp_path):
    path = tmp_path / "history.jsonl"
    history.append(record(), path)
    first = path.read_bytes()
    history.append(record(4.0), path)
    assert path.read_bytes().startswith(first)
    one, two = history.entries(path)
    names = {"dense, N = 20, R^3: slow": 2.0, "drift-diffusion, 20x20: py-pde": 3.0}
    assert one["ratios"] == names and two["ratios"] == names | {"dense, N = 20, R^3: slow": 4.0}
    assert one["date"].startswith("2026") and one["commit"] and "2 processors" in one["machine"]


def test_a_run_that_cannot_be_written_leaves_the_file(tmp_path, monkeypatch):
    path = tmp_path / "history.jsonl"
    history.append(record(), path)
    before = path.read_bytes()
    broken = record()
    broken["steps"][0]["ratio"] = "fast"
    with pytest.raises(ValueError, match="fast"):
        history.append(broken, path)
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("line", ["{", '{"date": 1, "ratios": {}}'])
def test_a_damaged_history_is_refused(tmp_path, line):
    path = tmp_path / "history.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(DamagedError):
        history.append(record(), path)
    assert path.read_text() == line + "\n"


def test_its_figure_has_a_line_a_peer_and_a_panel_a_kind(tmp_path):
    path = tmp_path / "history.jsonl"
    for ratio in (2.0, 4.0, 3.0):
        history.append(record(ratio), path)
    figure = bench_history.draw(history.entries(path))
    panels = [ax.get_title().partition(":")[0] for ax in figure.axes]
    assert panels == ["dense, single", "drift-diffusion"]
    assert [list(line.get_ydata()) for line in figure.axes[0].lines][1] == [2.0, 4.0, 3.0]
    with pytest.raises(InputError, match="no runs"):
        bench_history.draw(history.entries(tmp_path / "none.jsonl"))
    assert json.loads(path.read_text().splitlines()[0])["quick"]
