"""What the pages show runs, and prints what they say; and an example that does not is seen."""

from __future__ import annotations

import re

import pytest

from simulations.store.sources import ROOT
from tests.optional.docs.examples import clone, run_page

DOCS = ROOT / "docs"
PAGES = [*sorted((DOCS / "tutorials").glob("*.md")), DOCS / "questions.md"]
ASKED = {"bandwidth", "memory", "start", "sums", "directed", "threads"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_examples_of_a_page_run(page, tmp_path):
    assert run_page(page, clone(tmp_path)) >= 8


@pytest.mark.parametrize(
    "wrong",
    [
        "```python\nprint(1.25)\n```\n\n```text\n1.27\n```\n",
        "```python\nprint(3)\n```\n\n```text\n4\n```\n",
        "```python\nprint('supported')\n```\n\n```text\nrefuted\n```\n",
        "```python\nprint('a')\nprint('b')\n```\n\n```text\na\n```\n",
        "```python\nprint('a')\n```\n\n```text\na\nb\n```\n",
        "```python\nraise ValueError\n```\n",
        "```sh\n.venv/bin/python -c 'print(1)'\n```\n\n```text\n2\n```\n",
        "```sh\n.venv/bin/python -c 'raise SystemExit(1)'\n```\n",
        "```sh\n.venv/bin/python -m simulations run nothing\n```\n\n```text\nerror: other\n```\n",
        "```sh\ntrue\n```\n",
    ],
)
def test_an_example_that_does_not_hold_is_seen(wrong, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# A page\n\n" + wrong)
    with pytest.raises((AssertionError, ValueError)):
        run_page(page, clone(tmp_path / "clone"))


def test_the_last_digit_and_what_follows_a_line_of_a_command_are_free(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "```python\nprint('x', 1.26, 2.1e-3)\n```\n\n```text\nx 1.25 2.2e-3\n```\n\n"
        "```sh\n.venv/bin/python -c 'print(\"a 1.0 b\\nc 7 s\")'\n```\n\n```text\nc 7\n```\n"
    )
    assert run_page(page, clone(tmp_path / "clone")) == 4


def test_the_page_of_a_missing_module_names_its_line(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# A page\n\n```python\nx = 1\nimport no_such_module\n```\n")
    with pytest.raises(ModuleNotFoundError) as caught:
        run_page(page, clone(tmp_path / "clone"))
    assert any(entry.path == page and entry.lineno == 4 for entry in caught.traceback)


def test_every_complaint_is_cited_and_answered_by_something_that_runs():
    sections = re.split(r"\n## ", (DOCS / "questions.md").read_text(encoding="utf-8"))[1:]
    titles = " ".join(section.splitlines()[0] for section in sections)
    assert all(word in titles for word in ASKED)
    for section in sections:
        cited = re.findall(
            r"\[(?:[\w.-]+/[\w.-]+)?#(\d+)\]\(https://github\.com/[\w.-]+/[\w.-]+/(?:issues|pull)/(\d+)\)",
            section,
        )
        assert len(cited) >= 3 and all(said == linked for said, linked in cited), section
        assert re.search(r"```(python|sh)\n", section), section
