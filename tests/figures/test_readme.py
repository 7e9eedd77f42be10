"""The README says what the reference runs said, and its examples run."""

from __future__ import annotations

import json
import re
import sys

import pytest

import figures
from figures import readme
from simulations import experiments
from simulations.store import sources
from simulations.store.results import execute
from simulations.verdict.join import judge
from theory import claims as claims_
from theory import predictions
from theory.claims import claims
from theory.setting.checks import InputError
from theory.setting.references import GENERIC_DENSITY, REFERENCE_DENSITIES

NEW = "shrinking"
TOKENS = {"error": 0.1, "tokens": 1234.5, "temperature": 0.0123, "row": None}
PACKAGES = (claims_, experiments, predictions, figures)


def test_the_tables_are_those_of_the_records():
    text = readme.README.read_text(encoding="utf-8")
    assert readme.with_tables(text, readme.records()) == text


@pytest.mark.parametrize("table", ["verdicts", "tokens", "bench", "sabotage", "classical"])
def test_a_changed_record_changes_the_table(table):
    text, records = readme.README.read_text(encoding="utf-8"), readme.records()
    if table == "verdicts":
        records[table][0]["checks"][0]["measured"] *= 1.1
    elif table == "tokens":
        records[table] = [*records[table], {"dimension": 4, **TOKENS}]
    elif table == "classical":
        records[table]["checks"][0]["measured"] *= 100
    elif table == "bench":
        records[table]["steps"][0]["ours"] *= 1.5
    else:
        mistake = {"mistake": "a", "refuted_by": ["nobody"], "first_row": None}
        records[table] = [*records[table], mistake]
    assert readme.with_tables(text, records) != text
    with pytest.raises(InputError, match="markers"):
        readme.with_tables("nothing", records)


def test_every_row_of_the_table_has_all_its_cells():
    lines = readme.table(readme.records()["verdicts"]).splitlines()
    cells = len(readme.VERDICT_HEAD) + 2
    assert {len(re.split(r"(?<!\\)\|", line)) for line in lines} == {cells}


def test_the_table_of_tokens_says_what_was_predicted_and_measured():
    from simulations.statistics.intervals import Interval
    from simulations.verdict.rows import judged
    from theory.predictions import Value

    row = judged("q", Value(1.3e4), Interval(12_345.0, 11_111.0, 14_449.0, "Student"))
    needed = [
        {"dimension": 2, "error": 0.1, "tokens": 13_296.5, "temperature": 0.0352, "row": row},
        {"dimension": 2, "error": 0.01, "tokens": 1.329e8, "temperature": 0.00354, "row": None},
    ]
    head, _, line = readme.tokens_table(needed).splitlines()
    assert head == "| d | 10 % | 1 % |"
    assert line == (
        "| 2 | **13,300** at eps = 0.035; measured 12,300 [11,100, 14,400] "
        "| **133,000,000** at eps = 0.0035 |"
    )


def test_every_claim_is_in_the_table():
    assert [r["claim"] for r in readme.records()["verdicts"]] == list(claims())


@pytest.mark.parametrize("claim", claims())
def test_the_verdicts_were_made_by_the_sources_in_the_tree(claim):
    """A changed measurement or prediction must be run again: `make readme`."""
    (record,) = (r for r in readme.records()["verdicts"] if r["claim"] == claim)
    assert record["sources"] == sources.digest(f"simulations.experiments.{claim}")
    assert record["predicted_by"] == sources.digest(f"theory.predictions.{claim}")
    assert record["versions"] and record["seconds"] >= 0 and record["commit"]


def test_the_reference_densities_of_the_docs_are_those_of_the_code():
    text = (readme.DOCS / "theory.md").read_text(encoding="utf-8")
    for name, formula in {**REFERENCE_DENSITIES, "any other": GENERIC_DENSITY}.items():
        assert f"| {name} | `{formula}` |" in text
        assert f"| {name} | `{formula}/2` |" not in text


def test_every_file_that_the_readme_links_is_there():
    text = readme.README.read_text(encoding="utf-8")
    for path in re.findall(r"\]\((docs/[^)]+)\)", text):
        assert (readme.ROOT / path).is_file(), path


def test_every_picture_of_the_theory_is_there_once_and_has_a_caption():
    text = (readme.DOCS / "theory.md").read_text(encoding="utf-8")
    shown = re.findall(r"!\[[^]]+\]\(figures/(\w+)\.png\)\n\n\*[^*\n]+\.\*\n", text)
    assert text.count("](figures/") == len(shown) == len(set(shown)) > 20
    assert set(shown) <= {*figures.names(), "bench"}
    for name in shown:
        assert (readme.PICTURES / f"{name}.png").is_file(), name
    assert {figures.claim_of(name) for name in shown if name != "bench"} == set(claims())
    for section in re.split(r"\n##+ ", text):
        assert section.count("](figures/") <= 1, section.splitlines()[0]


def test_the_gallery_is_that_of_the_captions_and_records():
    text = readme.GALLERY.read_text(encoding="utf-8")
    assert readme.gallery(readme.records()["verdicts"]) == text


def test_the_gallery_shows_every_picture_once_and_every_figure_has_its_own():
    text = readme.GALLERY.read_text(encoding="utf-8")
    shown = re.findall(r"!\[[^]]*\]\(([^)]+)\.png\)", text)
    assert sorted(shown) == sorted(path.stem for path in readme.PICTURES.glob("*.png"))
    assert sorted(shown) == sorted([*figures.openers(), *figures.names(), "bench"])
    for name in figures.names():
        head = text[: text.index(f"![{name}]")].rpartition("## " + figures.claim_of(name))[2]
        assert "\n## " not in head, f"{name} is not under its claim"


def test_a_verdict_changes_the_gallery():
    records = readme.records()["verdicts"]
    records[0]["verdict"] = "refuted"
    assert "Verdict: **refuted**." in readme.gallery(records)


def test_the_readme_links_the_gallery():
    assert "](docs/figures/README.md)" in readme.README.read_text(encoding="utf-8")


def test_the_rival_of_the_readme_is_a_quantity_of_its_claim():
    from simulations.__main__ import parse_rival

    text = readme.README.read_text(encoding="utf-8")
    (rival,) = re.findall(r"--rival '([^']+)'", text)
    claim, quantity, _ = parse_rival(rival)
    (record,) = (r for r in readme.records()["verdicts"] if r["claim"] == claim)
    assert quantity in [c["quantity"] for c in record["checks"]]


def code_blocks() -> list[str]:
    text = readme.README.read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def test_the_python_examples_run(capsys):
    example, study = code_blocks()[:2]
    names = {}
    exec(compile(example, "README.md", "exec"), names)  # noqa: S102
    assert float(capsys.readouterr().out) < 0.2
    exec(compile(study, "README.md", "exec"), names)  # noqa: S102
    assert names["study"].order.contains(0.5) and not names["study"].order.contains(1.0)
    assert "order" in capsys.readouterr().out


def test_the_example_of_classical_methods_runs(capsys):
    exec(compile(code_blocks()[6], "README.md", "exec"), {})  # noqa: S102
    assert capsys.readouterr().out == "(200, 2)\n"


def test_the_example_of_a_claim_runs_from_its_four_files(tmp_path, monkeypatch):
    claim, measurement, prediction, picture = code_blocks()[2:6]
    for package, code, where in (
        (claims_, claim, "shrinking.py"),
        (experiments, measurement, "shrinking/__init__.py"),
        (predictions, prediction, "shrinking.py"),
        (figures, picture, "shrinking/shrinking.py"),
    ):
        path = tmp_path / package.__name__ / where
        path.parent.mkdir(parents=True)
        path.write_text(code, encoding="utf-8")
        folder = str(tmp_path / package.__name__)
        monkeypatch.setattr(package, "__path__", [*package.__path__, folder])
    for cached in (claims, figures.names):
        cached.cache_clear()
    try:
        parameters = claims_.load(NEW).Parameters(**claims_.load(NEW).SMALL)
        judged = judge(execute(NEW, parameters, root=tmp_path / "results", quiet=True))
        assert judged.verdict == "supported" and judged.rows[0].resolution < 0.01
        assert NEW in figures.names()
        figures.load(NEW).draw(judged)
    finally:
        for cached in (claims, figures.names):
            cached.cache_clear()
        for name in [m for m in sys.modules if m.endswith(NEW)]:
            sys.modules.pop(name)
        for package in PACKAGES:
            vars(package).pop(NEW, None)


def test_the_records_are_read_as_json():
    for path in (readme.VERDICTS, readme.BENCH, readme.SABOTAGE):
        json.loads(path.read_text(encoding="utf-8"))
