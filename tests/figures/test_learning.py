"""The report's chapter on what learns: with its studies, without them, and with one."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import figures
from figures import report, side_studies
from figures.report import learning
from simulations.statistics.intervals import mean_interval
from simulations.store.quantities import Number
from simulations.store.results import Result
from simulations.store.sources import ROOT
from simulations.verdict.join import Judged, judge, judge_quantities
from simulations.verdict.reference import shipped
from simulations.verdict.verdicts import PROVENANCE_KEYS
from theory.claims import metric_attention as study
from theory.predictions.metric_attention import predict

TASKS = ("wine", "nearest")
PARAMETERS = study.Parameters(arms=("self", "metric", "matched"), tasks=TASKS, rival_tasks=TASKS)
UP, DOWN = 0.05, -0.04  # made-up differences of two arms


def made_up(parameters=PARAMETERS) -> Judged:
    """A study with made-up numbers: the metric better everywhere, `matched` worse."""
    noise = 1e-3 * np.array([1.0, -1.0, 0.0, 1.0, -1.0])
    numbers = {}
    for arm, shift in (("metric", UP), ("matched", DOWN)):
        for task, what in parameters.comparisons(arm):
            found = mean_interval(shift + noise)
            numbers[study.row(task, what, arm)] = Number(found, {"swapped": found.scaled(-1)})
    rows = judge_quantities(numbers, predict(parameters))
    record = {"claim": "metric_attention", "parameters": vars(parameters), "tables": ["a table"]}
    return Judged(Result(report.PICTURES, record, numbers, {}), tuple(rows))


@pytest.fixture(scope="module")
def core():
    return {"linear_attention": judge(shipped("linear_attention"))}


def chapter_of(page: str) -> str:
    return re.search(r'<section id="learning">.*?<section id="rivals">', page, re.DOTALL)[0]


def test_what_was_not_run_says_so_and_names_the_command(core, tmp_path):
    chapter = chapter_of(report.html(core, tmp_path))
    assert chapter.count("not run") == 2
    assert "<code>make learn</code>" in chapter and "<code>make learned_scores</code>" in chapter
    assert f'href="{learning.protocol()}"' in chapter
    file = learning.protocol().removeprefix("../../").split("#")[0]
    assert (ROOT / file).is_file()
    assert learning.learned(tmp_path, tmp_path) == {}


def test_every_arm_and_task_has_its_verdict(core, tmp_path):
    judged = made_up()
    chapter = chapter_of(report.html(core, tmp_path, {"metric_attention": judged}))
    table = re.search(r'<table class="effects">.*?</table>', chapter, re.DOTALL)[0]
    lines = re.findall(r"<tr>(<td>.*?)</tr>", table, re.DOTALL)
    asked = PARAMETERS.comparisons("metric")
    of_rival = PARAMETERS.comparisons("matched")
    assert len(lines) == len(asked)
    for line, (task, what) in zip(lines, asked, strict=True):
        cells = re.findall(r"<td>(.*?)</td>", line)
        assert cells[:2] == [task.replace("_", " "), what]
        assert "supported" in cells[2] and "0.05" in cells[2]
        if (task, what) in of_rival:
            assert "refuted" in cells[3] and re.search(r"[-−]0\.04", cells[3])
        else:
            assert cells[3] == "–"
    assert chapter.count("not run") == 1  # the link to the theory


def test_the_chapter_has_every_figure_of_its_claims():
    of_chapter = {name for names in learning.FIGURES.values() for name in names}
    claims = {learning.STUDY, learning.LINK}
    assert of_chapter == {n for n in figures.optional_names() if figures.claim_of(n) in claims}


def test_an_arm_without_a_row_leaves_its_cell_empty():
    judged = made_up()
    (first, *rest) = judged.rows
    lines = learning.by_task(replace(judged, rows=tuple(rest)))
    assert lines[0]["rows"][0] is None and first not in lines[0]["rows"]
    assert all(line["rows"][0] is not None for line in lines[1:])


def test_pictures_of_what_was_run_are_in_the_chapter(core, tmp_path):
    judged = made_up()
    names = learning.own_figures({"metric_attention": judged})
    assert names[:2] == ["metric_attention_learning_curves", "metric_attention"]
    for name in names:
        Image.new("RGB", (1400, 600), "white").save(tmp_path / f"{name}.png")
    page = report.html(core, tmp_path, {"metric_attention": judged})
    for name in names:
        assert f'id="figure-{name}"' in chapter_of(page)
        assert f"make figure-{name}" in page
    assert "make figure" not in chapter_of(report.html(core, tmp_path))


def test_a_study_shipped_before_its_claim_changed_is_not_shown(tmp_path, monkeypatch):
    judged = made_up(replace(PARAMETERS, n_seeds=3))
    (tmp_path / "metric_attention.json").write_text("{}")
    monkeypatch.setattr(learning, "shipped", lambda name, folder: judged.result)
    assert learning.learned(tmp_path / "results", tmp_path) == {}
    reference = replace(judged.result, record=judged.result.record | {
        "parameters": vars(study.Parameters())})  # fmt: skip
    monkeypatch.setattr(learning, "shipped", lambda name, folder: reference)
    monkeypatch.setattr(learning, "judge", lambda result: result)
    assert learning.learned(tmp_path / "results", tmp_path) == {"metric_attention": reference}


def side_study(**changed) -> Judged:
    """Made-up numbers of a study of a graph, or of another start."""
    judged = made_up(study.Parameters(arms=("self", "metric"), n_seeds=5, **changed))
    p, arrays = judged.parameters, {}
    for task in p.all_tasks:
        for arm, score in (("self", 0.8), ("metric", 0.85)):
            arrays[f"{task}/{arm}/{side_studies.score_of(task)}"] = np.full(5, score)
            arrays[f"{task}/{arm}/learning rate"] = np.array(0.003)
            arrays[f"{task}/{arm}/weight decay"] = np.array(0.1)
    record = judged.result.record | dict.fromkeys(PROVENANCE_KEYS, "") | {"command": "a command"}
    return Judged(replace(judged.result, record=record, arrays=arrays), judged.rows)


def test_studies_beside_the_reference_have_tables_and_a_picture():
    of_graph = side_study(tasks=("none",), graphs=("folder/roads.npz",))
    of_start = side_study(tasks=("digits",), embedding=4.0)
    records = [side_studies.record_of(judged) for judged in (of_graph, of_start)]
    graphs, starts = side_studies.graph_table(records), side_studies.start_table(records)
    (line,) = [row for row in graphs.splitlines() if row.startswith("| roads | metric")]
    assert "| 0.003, 0.1 | 0.850 | 0.05 [" in line and line.count("better") == 3
    (line,) = [row for row in starts.splitlines() if row.startswith("| digits")]
    assert line.startswith("| digits | 4 | 0.800 | 0.850 |") and "roads" not in starts
    # of one graph a line an arm but self, in a panel a quantity
    axes = side_studies.draw([of_graph]).axes
    assert len(axes) == 3 and [t.get_text() for t in axes[0].get_yticklabels()] == ["roads: metric"]
